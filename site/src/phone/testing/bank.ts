/**
 * The server's half of PROTOCOL dojang/1 in TypeScript, for the phone's tests: real arithmetic, one
 * credential, everything in memory. The reference server is the Python one; this one exists so that
 * the phone can be crashed and robbed at any step inside one test process.
 */
import { ristretto255_oprf } from "@noble/curves/ed25519.js";

import { b64u } from "../../crypto/b64u.ts";
import { bytes, type Bytes } from "../../crypto/bytes.ts";
import { csr } from "../../crypto/csr.ts";
import { dkg } from "../../crypto/dkg.ts";
import { frost } from "../../crypto/frost.ts";
import { messages } from "../../crypto/messages.ts";
import { point } from "../../crypto/point.ts";
import { scalar } from "../../crypto/scalar.ts";
import { verify } from "../../crypto/verify.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { reader, type Reader } from "../../kit/reader.ts";

type Session = {
  readonly m: string;
  readonly version: number;
  readonly gen: number;
  readonly message: Bytes;
  readonly requestId: string;
  readonly d1: Bytes;
  readonly e1: Bytes;
  readonly nonces: { hiding: bigint; binding: bigint };
  readonly blindedNew: Bytes | null;
  readonly answer: Record<string, unknown>;
  state: "open" | "done" | "wrong" | "abandoned";
  result: Record<string, unknown>;
};
type Key = {
  readonly kid: string;
  readonly kind: string;
  readonly pk: Bytes;
  readonly bare: bigint;
  readonly shares: Map<string, bigint>;
  tip: number;
  readonly sessions: Map<string, Session>;
};
type Asked = { readonly message: Bytes; readonly change: { m: string; version: number } | null };

const ORIGIN = "http://localhost:1";
const LIFE = { v: 1, issued_at: 1_700_000_000_000_000, expires_at: 1_700_000_300_000_000 } as const;

export class Bank {
  readonly keys = new Map<string, Key>();
  readonly signatures: { requestId: string; signature: Bytes }[] = [];
  readonly tries: Record<string, number> = { pin: 5, pattern: 5 };
  suspended = false;
  evaluations = 0;
  readonly #asked = new Map<string, Asked>();
  readonly #begun = new Map<string, { body: string; answer: Outcome<unknown> }>();
  #change: { id: string; m: string; version: number; proved: Set<string> } | null = null;

  random(length: number): Bytes {
    return crypto.getRandomValues(new Uint8Array(length));
  }

  ask(message: Bytes, change: Asked["change"] = null): string {
    const id = `request-${this.#asked.size}`;
    this.#asked.set(id, { message, change });
    return id;
  }

  async post(path: string, body: string): Promise<Outcome<unknown>> {
    const given = reader(JSON.parse(body));
    if (path.endsWith("/current/keys")) return this.#offer(given);
    if (path.endsWith("/shares")) return this.#share(path.split("/").at(-2) ?? "", given);
    if (path.endsWith("/finish")) return this.#finish();
    if (path === "/v1/method-changes") return this.#openChange(given.text("m"));
    if (path === "/v1/acts") return this.#act(given);
    if (path.endsWith("/proofs")) return this.#proof(given.text("kid"));
    const rid = given.text("rid");
    const answer = await this.#signing(path, body, given, rid);
    return answer.ok
      ? done({ rid, ...(answer.value as object) })
      : problem(answer.code, answer.status, { rid, ...answer.details });
  }

  async #signing(path: string, body: string, given: Reader, rid: string) {
    if (path.endsWith("/begin")) {
      const before = this.#begun.get(rid);
      if (before !== undefined) {
        return before.body === body ? before.answer : problem("different_request", 409);
      }
      const answer = this.#begin(given);
      this.#begun.set(rid, { body, answer });
      return answer;
    }
    if (path.endsWith("/confirm-stale")) {
      const key = this.keys.get(given.text("kid"));
      if (key !== undefined && given.integer("gen") < key.tip) this.suspended = true;
      return done({ state: this.suspended ? "suspended_copy" : "active" });
    }
    const found = [...this.keys.values()].find(({ sessions }) => sessions.has(given.text("sid")));
    const session = found?.sessions.get(given.text("sid"));
    if (found === undefined || session === undefined) return problem("session_over", 410);
    return path.endsWith("/complete")
      ? this.#complete(found, session, given.bytes("z1", 32))
      : this.#resume(found, session);
  }

  #pending = new Map<
    string,
    { a: ReturnType<typeof dkg.secret>; c0: Bytes; c1: Bytes; kind: string }
  >();

  #offer(given: Reader): Outcome<unknown> {
    const theirs = {
      c0: given.bytes("C0", 32),
      c1: given.bytes("C1", 32),
      pok: given.bytes("pok"),
    };
    dkg.checkProof(theirs, 1);
    const a = dkg.secret((length) => this.random(length));
    const own = dkg.publish(a, a.k, 2);
    const kid = b64u.encode(this.random(16));
    this.#pending.set(kid, { a, c0: theirs.c0, c1: theirs.c1, kind: given.text("kind") });
    const forPhone = scalar.encode(scalar.add(a.a0, a.a1));
    const [C0, C1, pok, share] = [own.c0, own.c1, own.pok, forPhone].map(b64u.encode);
    return done({ kid, C0, C1, pok, share });
  }

  #share(kid: string, given: Reader): Outcome<unknown> {
    const pending = this.#pending.get(kid);
    if (pending === undefined) return problem("already_answered", 409);
    this.#pending.delete(kid);
    const { a, c0, c1, kind } = pending;
    const got = scalar.decode(given.bytes("share", 32));
    const expected = point.decode(c0).add(point.decode(c1)).add(point.decode(c1));
    if (!point.mulBase(got).equals(expected)) return problem("bad_share", 400);
    const pk = point.encode(point.decode(c0).add(point.mulBase(a.a0)));
    const bare = scalar.add(got, scalar.add(a.a0, scalar.mul(2n, a.a1)));
    const key: Key = { kid, kind, pk, bare, shares: new Map(), tip: 0, sessions: new Map() };
    this.keys.set(kid, key);
    const secrets = ["pin", "pattern"].filter((m) => given.object("blinded").has(m));
    const instances = secrets.map((m) => {
      const delta = this.#delta(key, `${m}/0`, bare);
      return [m, { delta, evaluated: this.#evaluate(kid, m, 0, given.object("blinded").bytes(m)) }];
    });
    const cri = csr.build(pk, { name: "김하나", subjectId: "DJ-1" });
    const proof = {
      ...LIFE,
      kid,
      m: "pattern",
      version: 0,
      purpose: "enrolment",
      nonce: "bg",
    } as const;
    const requests = [
      { type: "csr", request_id: this.ask(cri) },
      ...(secrets.includes("pattern")
        ? [{ ...proof, type: "proof", request_id: this.ask(messages.proof(proof)) }]
        : []),
    ];
    return done({ instances: Object.fromEntries(instances), cri: b64u.encode(cri), requests });
  }

  #delta(key: Key, instance: string, from: bigint): string {
    const delta = scalar.reduce(this.random(64));
    key.shares.set(instance, scalar.add(from, scalar.mul(2n, delta)));
    return b64u.encode(scalar.encode(delta));
  }

  #evaluate(kid: string, m: string, version: number, blinded: Bytes): string {
    const seed = new Uint8Array(32).fill(version + 1);
    seed.set(b64u.decode(kid, 16).map((byte) => byte ^ m.length));
    const { secretKey } = ristretto255_oprf.oprf.deriveKeyPair(seed, bytes.utf8("dojang/1"));
    this.evaluations += 1;
    return b64u.encode(ristretto255_oprf.oprf.blindEvaluate(secretKey, blinded));
  }

  #finish(): Outcome<unknown> {
    const certificate = (kind: string) => {
      const key = [...this.keys.values()].findLast((one) => one.kind === kind);
      return b64u.encode(
        bytes.concat(bytes.utf8("cert"), csr.publicKeyInfo(key?.pk ?? new Uint8Array(32))),
      );
    };
    const certificates = { auth: certificate("auth"), sign: certificate("sign") };
    const id = `c${Math.ceil(this.keys.size / 2)}`;
    const log = { log: "localhost:1/log", key: b64u.encode(bytes.utf8("the key of a log")) };
    return done({ credential: { id, subject_id: "DJ-1", certificates }, log });
  }

  #begin(given: Reader): Outcome<unknown> {
    const key = this.keys.get(given.text("kid"));
    const asked = this.#asked.get(given.text("request_id"));
    const [m, version, gen] = [given.text("m"), given.integer("version"), given.integer("gen")];
    if (this.suspended) return problem("credential_suspended", 423);
    if (key === undefined || asked === undefined) return problem("unknown_request", 404);
    if (gen < key.tip) return problem("generation_mismatch", 409, { gen: key.tip });
    const share = key.shares.get(`${m}/${version}`);
    if (share === undefined) return problem("unknown_key", 404);
    if ((this.tries[m] ?? 0) === 0) return problem("credential_locked", 423);
    this.tries[m] = (this.tries[m] ?? 0) - 1;
    for (const old of key.sessions.values()) if (old.state === "open") old.state = "abandoned";
    const draw = () => frost.nonce(this.random(32), scalar.encode(share));
    const nonces = { hiding: draw(), binding: draw() };
    const own = frost.commit(2, nonces);
    const sid = b64u.encode(this.random(16));
    const answer = {
      sid,
      evaluated: this.#evaluate(key.kid, m, version, given.bytes("blinded", 32)),
      D2: b64u.encode(own.hiding),
      E2: b64u.encode(own.binding),
      message: b64u.encode(asked.message),
      expires_at: LIFE.expires_at,
      tries_left: this.tries[m],
    };
    key.sessions.set(sid, {
      ...{ m, version, gen, message: asked.message, requestId: given.text("request_id") },
      ...{ d1: given.bytes("D1", 32), e1: given.bytes("E1", 32), nonces, answer },
      blindedNew: given.has("blinded_new") ? given.bytes("blinded_new", 32) : null,
      state: "open",
      result: {},
    });
    return done(answer);
  }

  async #complete(key: Key, session: Session, z1: Bytes): Promise<Outcome<unknown>> {
    if (session.state === "open" && session.gen === key.tip) await this.#judge(key, session, z1);
    if (session.state === "done") return done(session.result);
    if (session.state === "wrong") {
      return problem("wrong_secret", 403, { tries_left: this.tries[session.m] });
    }
    return problem("session_over", 410);
  }

  async #judge(key: Key, session: Session, z1: Bytes): Promise<void> {
    const share = key.shares.get(`${session.m}/${session.version}`) ?? 0n;
    const commitments = [
      { id: 1, hiding: session.d1, binding: session.e1 },
      frost.commit(2, session.nonces),
    ];
    const ceremony = { publicKey: key.pk, message: session.message, commitments };
    const z2 = frost.signShare(ceremony, 2, session.nonces, share);
    const signature = frost.aggregate(ceremony, [scalar.decode(z1), z2]);
    if (!(await verify(key.pk, session.message, signature))) {
      session.state = "wrong";
      return;
    }
    session.state = "done";
    this.tries[session.m] = 5;
    this.signatures.push({ requestId: session.requestId, signature });
    session.result = { state: "done", signature: b64u.encode(signature), gen: key.tip + 1 };
    this.#switch(key, session);
    const made = this.#grant(key, session, share);
    const deltas = [...key.shares].map(([instance, held]) => {
      const [m = "", version = ""] = instance.split("/");
      return { m, version: Number(version), delta: this.#delta(key, instance, held) };
    });
    if (made !== null) key.shares.set(made.instance, made.share);
    session.result = { ...session.result, deltas, ...made?.told };
    key.tip += 1;
  }

  #grant(key: Key, session: Session, share: bigint) {
    const change = this.#asked.get(session.requestId)?.change ?? null;
    if (change === null || session.blindedNew === null) return null;
    const { m, version } = change;
    const delta = scalar.reduce(this.random(64));
    const told = {
      evaluated_new: this.#evaluate(key.kid, m, version, session.blindedNew),
      delta_new: b64u.encode(scalar.encode(delta)),
    };
    const moved = scalar.add(share, scalar.mul(2n, delta));
    return { instance: `${m}/${version}`, share: moved, told };
  }

  /** The last proof of a change deletes the old versions of every key. */
  #switch(key: Key, { m, version }: Session): void {
    const change = this.#change;
    if (change === null || change.m !== m || change.version !== version) return;
    change.proved.add(key.kind);
    if (change.proved.size < (m === "pin" ? 2 : 1)) return;
    for (const one of this.keys.values()) one.shares.delete(`${m}/${version - 1}`);
    this.#change = null;
  }

  #resume(key: Key, session: Session): Outcome<unknown> {
    if (session.state === "open") session.state = "abandoned";
    if (session.state === "done") {
      return session.gen + 1 < key.tip
        ? problem("generation_mismatch", 409, { gen: key.tip })
        : done(session.result);
    }
    return session.state === "wrong"
      ? done({ state: "wrong_secret", tries_left: this.tries[session.m] })
      : done({ state: "not_completed" });
  }

  #openChange(m: string): Outcome<unknown> {
    const keys = [...this.keys.values()].filter(({ kind }) => m === "pin" || kind === "auth");
    const newest = [...(keys[0]?.shares.keys() ?? [])]
      .filter((instance) => instance.startsWith(`${m}/`))
      .map((instance) => Number(instance.split("/")[1]));
    const version = Math.max(-1, ...newest) + 1;
    this.#change = { id: "change-1", m, version, proved: new Set() };
    return done({ change_id: "change-1", keys: keys.map(({ kid }) => ({ kid, version })) });
  }

  #act(given: Reader): Outcome<unknown> {
    const own = { m: given.text("m"), version: given.integer("version") };
    const named = {
      type: "method_change",
      kid: given.text("kid"),
      change_id: given.text("change_id"),
    };
    const fields = { ...LIFE, ...own, ...named, origin: ORIGIN, nonce: "bg" };
    return done({ request_id: this.ask(messages.act(fields), own), fields });
  }

  #proof(kid: string): Outcome<unknown> {
    const { m, version } = this.#change ?? { m: "pin", version: 0 };
    const fields = { ...LIFE, kid, version, nonce: "bg", purpose: "change" } as const;
    const proof = { ...fields, m: m === "pin" ? "pin" : "pattern" } as const;
    return done({ request_id: this.ask(messages.proof(proof)), fields: proof });
  }
}
