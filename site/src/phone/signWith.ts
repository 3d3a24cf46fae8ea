import { b64u } from "../crypto/b64u.ts";
import { bytes, type Bytes } from "../crypto/bytes.ts";
import { frost, type Commitment, type Nonces } from "../crypto/frost.ts";
import { mask, type SecretKind } from "../crypto/mask.ts";
import { maySign } from "../crypto/maySign.ts";
import { point } from "../crypto/point.ts";
import { scalar } from "../crypto/scalar.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import type { Reader } from "../kit/reader.ts";
import { confirmStale } from "./confirmStale.ts";
import type { Phone } from "./phone.ts";
import type { Inflight, Instance, KeyPlace, KeyRecord, PhoneRecord } from "./record.ts";
import { resend } from "./resend.ts";
import { resume } from "./resume.ts";
import { settle } from "./settle.ts";
import type { Slot } from "./store.ts";
import { unlock } from "./unlock.ts";
import { withoutInflight } from "./withoutInflight.ts";

/** What is to be signed, by which key, with which secret as typed. */
export type Wanted = {
  readonly place: KeyPlace;
  readonly m: SecretKind;
  readonly secret: string;
  readonly requestId: string;
  /** The bytes the phone built from what it shows. */
  readonly message: Bytes;
  /** Of the secret; without it the oldest version, which holds until a change is complete. */
  readonly version?: number;
  /** Only for method_change: the new secret, blinded (PROTOCOL 3). */
  readonly blindedNew?: string;
};

export type Signed = {
  readonly record: PhoneRecord;
  readonly signature: Bytes;
  /** Of the ceremony itself; null when an earlier, interrupted one turned out to be done. */
  readonly fresh: { readonly share: bigint; readonly answer: Reader } | null;
};

type Round = {
  readonly sid: string;
  readonly z1: bigint;
  readonly share: bigint;
  readonly r: Bytes;
};

/**
 * S1 and S2 for one key, with the lock held: resume first, begin, unmask, write `inflight` durably,
 * complete, verify, one durable write. `wrong_secret` carries tries_left; `message_differs` means
 * that the server asked for a signature over other bytes than were shown, and nothing was signed.
 */
export async function signWith(
  phone: Phone,
  slot: Slot,
  start: PhoneRecord,
  wanted: Wanted,
): Promise<Outcome<Signed>> {
  const { among, kind } = wanted.place;
  const beside = { among, kind: kind === "auth" ? "sign" : "auth" } as const;
  // The other key's end may be the last proof of a change, which decides the version used here.
  const other = await resume(phone, slot, start, beside);
  if (!other.ok) return other;
  const before = await resume(phone, slot, other.value.record, wanted.place);
  if (!before.ok) return before;
  const { record, requestId, signature } = before.value;
  if (signature !== null && requestId === wanted.requestId) {
    return done({ record, signature, fresh: null });
  }

  const key = record[among][kind];
  const instance = key && chosen(key, wanted);
  if (key === undefined || instance === undefined) return problem("no_key");
  if (!maySign(wanted.message, kind, wanted.m)) return problem("wrong_method");

  const round = await begin(phone, key, instance, wanted);
  if (!round.ok) return round;
  return complete(phone, slot, record, wanted, instance, round.value);
}

function chosen(key: KeyRecord, { m, version }: Wanted): Instance | undefined {
  const instances = key.instances[m] ?? [];
  if (version !== undefined) return instances.find((one) => one.version === version);
  return instances.reduce<Instance | undefined>(
    (oldest, one) => (oldest === undefined || one.version < oldest.version ? one : oldest),
    undefined,
  );
}

async function begin(
  phone: Phone,
  key: KeyRecord,
  instance: Instance,
  wanted: Wanted,
): Promise<Outcome<Round>> {
  const { m } = wanted;
  const { version, salt, o } = instance;
  const opening = unlock(phone.random, { kid: key.kid, m, version, salt }, wanted.secret);
  const nonces = {
    hiding: frost.nonce(phone.random(32), o),
    binding: frost.nonce(phone.random(32), o),
  };
  const own = frost.commit(1, nonces);
  const answer = await resend(phone, "/v1/signing/begin", {
    kid: key.kid,
    m,
    version,
    gen: key.gen,
    request_id: wanted.requestId,
    blinded: opening.blinded,
    D1: b64u.encode(own.hiding),
    E1: b64u.encode(own.binding),
    ...(wanted.blindedNew !== undefined && { blinded_new: wanted.blindedNew }),
  });
  if (!answer.ok) {
    return answer.code === "generation_mismatch" ? confirmStale(phone, key) : answer;
  }
  try {
    if (!bytes.equal(answer.value.bytes("message"), wanted.message)) {
      return problem("message_differs");
    }
    const h = opening.open(answer.value.bytes("evaluated", 32));
    const share = mask.reveal(scalar.decode(o), h);
    return done(answerRound(key, wanted.message, own, nonces, share, answer.value));
  } catch {
    return problem("bad_answer");
  }
}

/** The phone's answer to the server's commitments, which are checked on the way. */
function answerRound(
  { pk }: KeyRecord,
  message: Bytes,
  own: Commitment,
  nonces: Nonces,
  share: bigint,
  answer: Reader,
): Round {
  const theirs = { id: 2, hiding: answer.bytes("D2", 32), binding: answer.bytes("E2", 32) };
  const ceremony = { publicKey: pk, message, commitments: [own, theirs] };
  return {
    sid: answer.text("sid"),
    z1: frost.signShare(ceremony, 1, nonces, share),
    share,
    r: point.encode(frost.groupCommitment(ceremony)),
  };
}

async function complete(
  phone: Phone,
  slot: Slot,
  record: PhoneRecord,
  { place, m, requestId, message }: Wanted,
  { version }: Instance,
  { sid, z1, share, r }: Round,
): Promise<Outcome<Signed>> {
  const key = record[place.among][place.kind];
  if (key === undefined) return problem("no_key");
  const inflight: Inflight = { sid, gen: key.gen, requestId, message, m, version };
  const keys = { ...record[place.among], [place.kind]: { ...key, inflight } };
  const waiting: PhoneRecord = { ...record, [place.among]: keys };
  await slot.write(waiting);

  const sent = { sid, z1: b64u.encode(scalar.encode(z1)) };
  const answer = await resend(phone, "/v1/signing/complete", sent);
  if (!answer.ok) {
    if (answer.code === "wrong_secret") await slot.write(withoutInflight(waiting, place));
    return answer.code === "generation_mismatch" ? confirmStale(phone, key) : answer;
  }
  const settled = await settle(waiting, place, inflight, answer.value);
  if (settled === null || !bytes.equal(settled.signature.subarray(0, 32), r)) {
    return problem("bad_answer");
  }
  await slot.write(settled.record);
  return done({ ...settled, fresh: { share, answer: answer.value } });
}
