import { b64u } from "../crypto/b64u.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { csr, type CsrSubject } from "../crypto/csr.ts";
import { dkg, type DkgResult } from "../crypto/dkg.ts";
import { dpop } from "../crypto/dpop.ts";
import { mask, type SecretKind } from "../crypto/mask.ts";
import type { KeyKind } from "../crypto/maySign.ts";
import { messages } from "../crypto/messages.ts";
import { scalar } from "../crypto/scalar.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { reader, type Reader } from "../kit/reader.ts";
import type { Phone } from "./phone.ts";
import type { Instance, KeyRecord, PhoneRecord } from "./record.ts";
import { signWith } from "./signWith.ts";
import type { Slot } from "./store.ts";
import { unlock, type Unlock } from "./unlock.ts";

/** One key to be made: `pattern` only for `auth`. The token is the enrolment's. */
export type KeyWanted = {
  readonly token: string;
  readonly kind: KeyKind;
  readonly pin: string;
  readonly pattern: string | null;
};

type Made = { readonly kid: string; readonly result: DkgResult };
type Shared = {
  readonly key: KeyRecord;
  readonly todo: readonly Todo[];
  readonly subject: CsrSubject;
};
type Todo = { readonly requestId: string; readonly m: SecretKind; readonly message: Bytes };

const PATH = "/v1/enrolments/current/keys";
const ATTEMPTS = 3;

/**
 * E1 to E3 for one key: generate it with the server, mask the share, store it durably, then sign
 * the certification request with the PIN and one proof for each further secret. A lost answer to
 * E1 or E2 starts over with a new kid. The value is the subject that was signed for.
 */
export async function enrolKey(phone: Phone, wanted: KeyWanted): Promise<Outcome<CsrSubject>> {
  return phone.store.locked(async (slot) => {
    const record = await slot.read();
    if (record === null) return problem("no_device_key");
    const shared = await generate(phone, record, wanted);
    if (!shared.ok) return shared;

    const { key, todo, subject } = shared.value;
    const enrolling = { ...record.enrolling, [wanted.kind]: key };
    const start: PhoneRecord = { ...record, enrolling };
    await slot.write(start);
    const proved = await prove(phone, slot, start, wanted, todo);
    return proved.ok ? done(subject) : proved;
  });
}

async function generate(
  phone: Phone,
  record: PhoneRecord,
  wanted: KeyWanted,
): Promise<Outcome<Shared>> {
  for (let attempt = 1; ; attempt += 1) {
    const made = await offer(phone, record, wanted);
    const shared = made.ok ? await share(phone, wanted, made.value) : made;
    const lost =
      !shared.ok &&
      (shared.status === 0 || shared.status >= 500 || shared.code === "already_answered");
    if (!lost || attempt === ATTEMPTS) return shared;
    await phone.sleep(1_000 * attempt);
  }
}

/** E1: both sides publish their commitments; ours are checked by the server, theirs here. */
async function offer(
  phone: Phone,
  { deviceKey }: PhoneRecord,
  { token, kind, pattern }: KeyWanted,
): Promise<Outcome<Made>> {
  const secret = dkg.secret(phone.random);
  const own = dkg.publish(secret, secret.k);
  const body = {
    device_key: b64u.encode(await dpop.spki(deviceKey)),
    kind,
    secrets: pattern === null ? ["pin"] : ["pin", "pattern"],
    C0: b64u.encode(own.c0),
    C1: b64u.encode(own.c1),
    pok: b64u.encode(own.pok),
  };
  const outcome = await phone.transport.post(PATH, JSON.stringify(body), token);
  if (!outcome.ok) return outcome;
  try {
    const answer = reader(outcome.value);
    const theirs = {
      c0: answer.bytes("C0", 32),
      c1: answer.bytes("C1", 32),
      pok: answer.bytes("pok", 64),
    };
    const kid = b64u.encode(answer.bytes("kid", 16));
    return done({ kid, result: dkg.finish(secret, theirs, answer.bytes("share", 32)) });
  } catch {
    return problem("bad_answer");
  }
}

type Fresh = { readonly m: SecretKind; readonly salt: Bytes; readonly opening: Unlock };

/** E2: the server gets its share and evaluates every secret once; the phone masks and forgets. */
async function share(
  phone: Phone,
  { token, pin, pattern }: KeyWanted,
  made: Made,
): Promise<Outcome<Shared>> {
  const prepare = (m: SecretKind, secret: string): Fresh => {
    const salt = new Uint8Array(phone.random(32));
    return {
      m,
      salt,
      opening: unlock(phone.random, { kid: made.kid, m, version: 0, salt }, secret),
    };
  };
  const fresh = [prepare("pin", pin), ...(pattern === null ? [] : [prepare("pattern", pattern)])];
  const body = {
    share: b64u.encode(made.result.shareForServer),
    blinded: Object.fromEntries(fresh.map(({ m, opening }) => [m, opening.blinded])),
  };
  const path = `${PATH}/${made.kid}/shares`;
  const outcome = await phone.transport.post(path, JSON.stringify(body), token);
  if (!outcome.ok) return outcome;
  try {
    return received(made, fresh, reader(outcome.value));
  } catch {
    return problem("bad_answer");
  }
}

function received(made: Made, fresh: readonly Fresh[], answer: Reader): Outcome<Shared> {
  const { publicKey, share: bare } = made.result;
  const instances = Object.fromEntries(
    fresh.map(({ m, salt, opening }) => {
      const given = answer.object("instances").object(m);
      const moved = scalar.add(bare, scalar.decode(given.bytes("delta", 32)));
      const h = opening.open(given.bytes("evaluated", 32));
      const instance: Instance = { version: 0, salt, o: scalar.encode(mask.hide(moved, h)) };
      return [m, [instance]];
    }),
  );
  const subject = csr.subjectOf(answer.bytes("cri"), publicKey);
  if (subject === null) return problem("message_differs");
  const message = csr.build(publicKey, subject);
  const todo = answer.objects("requests").map((one) => todoOf(one, made.kid, message));
  const key = {
    kid: made.kid,
    pk: publicKey,
    certificate: null,
    gen: 0,
    instances,
    inflight: null,
  };
  return done({ key, todo, subject });
}

/** The request's bytes, built here from its fields. */
function todoOf(request: Reader, kid: string, cri: Bytes): Todo {
  const requestId = request.text("request_id");
  if (request.text("type") === "csr") return { requestId, m: "pin", message: cri };
  const m = request.text("m");
  if (m !== "pin" && m !== "pattern") throw new TypeError("no such secret");
  if (request.text("type") !== "proof" || request.text("purpose") !== "enrolment") {
    throw new TypeError("no such request");
  }
  const message = messages.proof({
    v: 1,
    kid,
    m,
    version: request.integer("version"),
    purpose: "enrolment",
    nonce: request.text("nonce"),
    issued_at: request.integer("issued_at"),
    expires_at: request.integer("expires_at"),
  });
  return { requestId, m, message };
}

/** E3: one signature a request, in the server's order. */
async function prove(
  phone: Phone,
  slot: Slot,
  start: PhoneRecord,
  { kind, pin, pattern }: KeyWanted,
  todo: readonly Todo[],
): Promise<Outcome<null>> {
  const place = { among: "enrolling", kind } as const;
  let record = start;
  for (const { requestId, m, message } of todo) {
    const secret = m === "pin" ? pin : (pattern ?? "");
    const signed = await signWith(phone, slot, record, { place, m, secret, requestId, message });
    if (!signed.ok) return signed;
    record = signed.value.record;
  }
  return done(null);
}
