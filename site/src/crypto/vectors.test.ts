/** The phone against the vectors that the Python side wrote; byte for byte (PROTOCOL 6). */
import { readFileSync } from "node:fs";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";

import { bytes, type Bytes } from "./bytes.ts";
import { csr } from "./csr.ts";
import { dkg } from "./dkg.ts";
import { frost, type Ceremony, type Commitment } from "./frost.ts";
import { jcs, type Canonical } from "./jcs.ts";
import { mask, type SecretKind } from "./mask.ts";
import { maySign, type KeyKind } from "./maySign.ts";
import { messages } from "./messages.ts";
import { oprf } from "./oprf.ts";
import { point } from "./point.ts";
import { refresh } from "./refresh.ts";
import { scalar } from "./scalar.ts";
import { verify } from "./verify.ts";

// The shapes are those of tests/vectors/make.py; a wrong one fails the comparison below it.
const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), "utf8")) as T;
const raw = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
const number = (value: string): bigint => scalar.decode(raw(value));

type Named = { name: string; hex: string; ok: boolean };

const accepts = (decode: (value: Uint8Array) => unknown, value: Uint8Array): boolean => {
  try {
    decode(value);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return false;
  }
};

describe("encodings", () => {
  type File = { points: Named[]; scalars: Named[]; lengths: number[] };
  const file = load<File>("ed25519-bad-encodings.json");

  test.each(file.points)("point $name: $ok", ({ hex: value, ok }) => {
    expect(accepts(point.decode, raw(value))).toBe(ok);
  });

  test.each(file.scalars)("scalar $name: $ok", ({ hex: value, ok }) => {
    expect(accepts(scalar.decode, raw(value))).toBe(ok);
  });

  test.each(file.lengths)("%d bytes are neither", (length) => {
    expect(accepts(point.decode, new Uint8Array(length))).toBe(false);
    expect(accepts(scalar.decode, new Uint8Array(length))).toBe(false);
  });

  const ristretto = load<{ elements: Named[]; lengths: number[] }>(
    "ristretto255-bad-encodings.json",
  );
  const blind = oprf.blindWith(bytes.utf8("x"), 5n).blind;
  const finalize = (value: Uint8Array) => oprf.finalize(bytes.utf8("x"), blind, value);

  test.each(ristretto.elements)("evaluated element $name: $ok", ({ hex: value, ok }) => {
    expect(accepts(finalize, raw(value))).toBe(ok);
  });

  test.each(ristretto.lengths)("an evaluated element of %d bytes is refused", (length) => {
    expect(accepts(finalize, new Uint8Array(length))).toBe(false);
  });
});

test("a signature whose R has a component of order 2 is refused", async () => {
  type File = { public_key: string; message: string; signature: string };
  const file = load<File>("ed25519-mixed-order-r.json");

  expect(await verify(raw(file.public_key), raw(file.message), raw(file.signature))).toBe(false);
});

describe("RFC 9591 E.1", () => {
  type One = {
    identifier: number;
    hiding_nonce_randomness: string;
    binding_nonce_randomness: string;
    hiding_nonce: string;
    binding_nonce: string;
    hiding_nonce_commitment: string;
    binding_nonce_commitment: string;
    binding_factor: string;
  };
  const file = load<{
    inputs: {
      group_public_key: string;
      message: string;
      participant_shares: { identifier: number; participant_share: string }[];
    };
    round_one_outputs: { outputs: One[] };
    round_two_outputs: { outputs: { identifier: number; sig_share: string }[] };
    final_output: { sig: string };
  }>("rfc9591-ed25519.json");
  const outputs = file.round_one_outputs.outputs;
  const share = (id: number) =>
    file.inputs.participant_shares.find(({ identifier }) => identifier === id)?.participant_share ??
    "";
  const nonces = (one: One) => ({
    hiding: frost.nonce(raw(one.hiding_nonce_randomness), raw(share(one.identifier))),
    binding: frost.nonce(raw(one.binding_nonce_randomness), raw(share(one.identifier))),
  });
  const ceremony: Ceremony = {
    publicKey: raw(file.inputs.group_public_key),
    message: raw(file.inputs.message),
    commitments: outputs.map((one) => frost.commit(one.identifier, nonces(one))),
  };

  test.each(outputs)("participant $identifier commits and binds as written there", (one) => {
    const made = frost.commit(one.identifier, nonces(one));

    expect(hex(scalar.encode(nonces(one).hiding))).toBe(one.hiding_nonce);
    expect(hex(scalar.encode(nonces(one).binding))).toBe(one.binding_nonce);
    expect(hex(made.hiding)).toBe(one.hiding_nonce_commitment);
    expect(hex(made.binding)).toBe(one.binding_nonce_commitment);
    const factor = frost.bindingFactor(ceremony, one.identifier);
    expect(hex(scalar.encode(factor))).toBe(one.binding_factor);
  });

  test("the shares and the signature are those written there", async () => {
    const shares = outputs.map((one) =>
      frost.signShare(ceremony, one.identifier, nonces(one), number(share(one.identifier))),
    );
    const signature = frost.aggregate(ceremony, shares);

    const expected = file.round_two_outputs.outputs.map(({ sig_share }) => sig_share);
    expect(shares.map((one) => hex(scalar.encode(one)))).toEqual(expected);
    expect(hex(signature)).toBe(file.final_output.sig);
    expect(await verify(ceremony.publicKey, raw(file.inputs.message), signature)).toBe(true);
  });
});

describe("RFC 9497 A.1.1", () => {
  type Case = Record<"Blind" | "BlindedElement" | "EvaluationElement" | "Input" | "Output", string>;
  const file = load<{ vectors: Case[]; skSm: string }>("rfc9497-ristretto255-sha512-oprf.json");

  test.each(file.vectors)("input $Input", (one) => {
    const input = raw(one.Input);
    const blinded = oprf.blindWith(input, number(one.Blind));
    const evaluated = ristretto255_oprf.oprf.blindEvaluate(raw(file.skSm), blinded.element);

    expect(hex(blinded.element)).toBe(one.BlindedElement);
    expect(hex(evaluated)).toBe(one.EvaluationElement);
    expect(hex(oprf.finalize(input, blinded.blind, evaluated))).toBe(one.Output);
  });
});

describe("dkg.json", () => {
  type Side = Record<
    "random192" | "a0" | "a1" | "C0" | "C1" | "pok" | "share_for_the_other" | "share",
    string
  > & { identifier: 1 | 2 };
  type File = { sides: { phone: Side; server: Side }; public_key: string };
  const { sides, public_key } = load<File>("dkg.json");

  const draw = (side: Side) => {
    let at = 0;
    return dkg.secret((length) => raw(side.random192).subarray(at, (at += length)));
  };

  test.each([sides.phone, sides.server])("participant $identifier publishes it so", (side) => {
    const secret = draw(side);
    const made = dkg.publish(secret, secret.k, side.identifier);

    expect(hex(scalar.encode(secret.a0))).toBe(side.a0);
    expect([made.c0, made.c1, made.pok].map(hex)).toEqual([side.C0, side.C1, side.pok]);
    expect(() => dkg.checkProof(made, side.identifier)).not.toThrow();
    expect(() => dkg.checkProof(made, side.identifier === 1 ? 2 : 1)).toThrow(RangeError);
  });

  const server = {
    c0: raw(sides.server.C0),
    c1: raw(sides.server.C1),
    pok: raw(sides.server.pok),
  };

  test("the phone ends with its share and the public key", () => {
    const result = dkg.finish(draw(sides.phone), server, raw(sides.server.share_for_the_other));

    expect(hex(result.publicKey)).toBe(public_key);
    expect(hex(scalar.encode(result.share))).toBe(sides.phone.share);
    expect(hex(result.shareForServer)).toBe(sides.phone.share_for_the_other);
  });

  test("a wrong share, a wrong proof and a key that cancels ours are refused", () => {
    const own = draw(sides.phone);
    const share = raw(sides.server.share_for_the_other);

    expect(() => dkg.finish(own, server, raw(sides.phone.a0))).toThrow(/share/);
    expect(() => dkg.finish(own, { ...server, pok: raw(sides.phone.pok) }, share)).toThrow(/proof/);
    const mirror = { a0: scalar.sub(0n, own.a0), a1: 3n };
    const theirs = dkg.publish(mirror, 11n, 2);
    const cancelling = scalar.encode(scalar.add(mirror.a0, mirror.a1));
    expect(() => dkg.finish(own, theirs, cancelling)).toThrow(/identity/);
  });
});

describe("mask.json", () => {
  type Case = { m: SecretKind; version: number } & Record<
    | "secret_text"
    | "kid"
    | "salt"
    | "delta"
    | "s1"
    | "s1_m"
    | "oprf_input"
    | "blind_random64"
    | "blind"
    | "blinded"
    | "evaluated"
    | "y"
    | "h"
    | "o"
    | "wrong_secret_text"
    | "wrong_s1_m",
    string
  >;

  test.each(load<{ cases: Case[] }>("mask.json").cases)("$m", (one) => {
    const of = { kid: raw(one.kid), kind: one.m, version: one.version, salt: raw(one.salt) };
    const input = mask.input(of, one.secret_text);
    const blinded = oprf.blind(input, raw(one.blind_random64));
    const y = oprf.finalize(input, blinded.blind, raw(one.evaluated));
    const h = mask.value(of.salt, one.secret_text, y);
    const share = scalar.add(number(one.s1), number(one.delta));

    expect(hex(input)).toBe(one.oprf_input);
    expect(hex(blinded.blind)).toBe(one.blind);
    expect(hex(blinded.element)).toBe(one.blinded);
    expect(hex(y)).toBe(one.y);
    expect(hex(scalar.encode(h))).toBe(one.h);
    expect(hex(scalar.encode(share))).toBe(one.s1_m);
    expect(hex(scalar.encode(mask.hide(share, h)))).toBe(one.o);
    expect(mask.reveal(number(one.o), h)).toBe(share);
  });
});

test("refresh.json: the stored share moves with every generation", () => {
  type Step = { delta: string; before: { o: string }; after: { o: string } };
  const { steps } = load<{ steps: Step[] }>("refresh.json");

  expect(steps.length).toBeGreaterThan(1);
  for (const { delta, before, after } of steps) {
    expect(hex(refresh(raw(before.o), raw(delta)))).toBe(after.o);
  }
});

describe("signing.json", () => {
  type Phone = Record<
    "o" | "s1_m" | "nonce_random64" | "D1" | "E1" | "binding_factor" | "z1",
    string
  >;
  type One = {
    message: string;
    public_key: string;
    phone: Phone;
    server: Record<"D2" | "E2" | "z2", string>;
    R: string;
    challenge: string;
    signature: string;
  };

  test.each(load<{ ceremonies: One[] }>("signing.json").ceremonies)("ceremony %#", async (one) => {
    const random = raw(one.phone.nonce_random64);
    const stored = raw(one.phone.o);
    const nonces = {
      hiding: frost.nonce(random.subarray(0, 32), stored),
      binding: frost.nonce(random.subarray(32), stored),
    };
    const own = frost.commit(1, nonces);
    const theirs: Commitment = { id: 2, hiding: raw(one.server.D2), binding: raw(one.server.E2) };
    const ceremony = {
      publicKey: raw(one.public_key),
      message: raw(one.message),
      commitments: [own, theirs],
    };
    const z1 = frost.signShare(ceremony, 1, nonces, number(one.phone.s1_m));
    const signature = frost.aggregate(ceremony, [z1, number(one.server.z2)]);

    expect([own.hiding, own.binding].map(hex)).toEqual([one.phone.D1, one.phone.E1]);
    expect(hex(scalar.encode(frost.challenge(ceremony)))).toBe(one.challenge);
    expect(hex(scalar.encode(z1))).toBe(one.phone.z1);
    expect(hex(signature)).toBe(one.signature);
    expect(await verify(ceremony.publicKey, ceremony.message, signature)).toBe(true);
    expect(await verify(ceremony.publicKey, bytes.utf8("other"), signature)).toBe(false);
  });
});

describe("csr.json", () => {
  type Case = { name: string; subject_id: string; cri: string };
  const file = load<{ cases: Case[]; public_key: string }>("csr.json");

  test.each(file.cases)("$name", ({ name, subject_id, cri }) => {
    const subject = { name, subjectId: subject_id };

    expect(hex(csr.build(raw(file.public_key), subject))).toBe(cri);
    expect(csr.subjectOf(raw(cri), raw(file.public_key))).toEqual(subject);
  });
});

describe("messages.json", () => {
  type Kind = { keys: KeyKind[]; secrets: SecretKind[]; prefix: string };
  type One = { name: string; kind: string; members: never; message: string };
  const file = load<{ messages: One[]; kinds: Record<string, Kind>; not_messages: string[] }>(
    "messages.json",
  );
  const build: Record<string, (fields: never) => Bytes> = {
    proof: messages.proof,
    auth: messages.auth,
    tx: messages.transaction,
    act: messages.act,
  };

  test.each(file.messages)("$name is built so", ({ kind, members, message }) => {
    expect(hex(build[kind]?.(members) ?? new Uint8Array())).toBe(message);
    expect(jcs(members as Canonical)).toBe(
      Buffer.from(message, "hex").toString("utf8").split("\0")[1],
    );
  });

  test.each(Object.entries(file.kinds))(
    "%s is signed by these keys and secrets only",
    (_, kind) => {
      const empty = kind.prefix.endsWith("00") ? "{}" : "";
      const message = bytes.concat(raw(kind.prefix), bytes.utf8(empty));
      for (const key of ["auth", "sign"] as const) {
        for (const secret of ["pin", "pattern"] as const) {
          const allowed = kind.keys.includes(key) && kind.secrets.includes(secret);
          expect(maySign(message, key, secret)).toBe(allowed);
        }
      }
    },
  );

  test("a change of a secret is signed by both keys, and by the PIN only", () => {
    const change = file.messages.find(({ name }) => name === "method_change");
    const message = raw(change?.message ?? "");

    expect(maySign(message, "auth", "pin")).toBe(true);
    expect(maySign(message, "auth", "pattern")).toBe(false);
  });

  test.each(file.not_messages)("%s is no message", (message) => {
    expect(maySign(raw(message), "sign", "pin")).toBe(false);
  });
});
