import { mask, type SecretKind } from "../crypto/mask.ts";
import type { KeyKind } from "../crypto/maySign.ts";
import { scalar } from "../crypto/scalar.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { reader } from "../kit/reader.ts";
import { changeMessage } from "./changeMessage.ts";
import type { Phone } from "./phone.ts";
import type { Change, Instance, PhoneRecord } from "./record.ts";
import { signWith } from "./signWith.ts";
import type { Slot } from "./store.ts";
import { unlock } from "./unlock.ts";

export type ChangeWanted = {
  readonly token: string;
  /** Which secret is replaced, or added: the PIN on both keys, the pattern on `auth`. */
  readonly m: SecretKind;
  /** The PIN that holds now. */
  readonly pin: string;
  readonly next: string;
};

type Step = { readonly record: PhoneRecord };
type Granted = Step & { readonly instances: ReadonlyMap<KeyKind, Instance> };

/**
 * Change of a secret (PROTOCOL 3): one PIN signature a key over DOJANG-ACT method_change, all new
 * instances stored in one write, then one proof a key with the new secret. Until the last proof the
 * old secret holds. After any Problem one starts over; nothing is half changed.
 */
export async function changeSecret(phone: Phone, wanted: ChangeWanted): Promise<Outcome<null>> {
  return phone.store.locked(async (slot) => {
    const record = await slot.read();
    if (record === null) return problem("no_key");
    const change = await open(phone, record, wanted);
    if (!change.ok) return change;

    const granted = await grant(phone, slot, record, wanted, change.value);
    if (!granted.ok) return granted;
    const stored = adopted(granted.value, change.value);
    await slot.write(stored);
    return prove(phone, slot, stored, wanted, change.value);
  });
}

async function open(
  phone: Phone,
  record: PhoneRecord,
  { token, m }: ChangeWanted,
): Promise<Outcome<Change>> {
  const body = JSON.stringify({ m });
  const outcome = await phone.transport.post("/v1/method-changes", body, token);
  if (!outcome.ok) return outcome;
  try {
    const answer = reader(outcome.value);
    const keys = answer.objects("keys").map((one) => {
      const kind = kindOf(record, one.text("kid"));
      return { kind, version: one.integer("version") };
    });
    const expected = m === "pin" ? 2 : 1;
    if (keys.length !== expected) return problem("bad_answer");
    return done({ id: answer.text("change_id"), m, keys, proved: [] });
  } catch {
    return problem("bad_answer");
  }
}

function kindOf({ keys }: PhoneRecord, kid: string): KeyKind {
  if (keys.auth?.kid === kid) return "auth";
  if (keys.sign?.kid === kid) return "sign";
  throw new RangeError("not a key of this phone");
}

/** The PIN signatures; each DONE brings a new instance, held in memory until all are here. */
async function grant(
  phone: Phone,
  slot: Slot,
  start: PhoneRecord,
  { token, m, pin, next }: ChangeWanted,
  change: Change,
): Promise<Outcome<Granted>> {
  const instances = new Map<KeyKind, Instance>();
  let record = start;
  for (const { kind, version } of change.keys) {
    const kid = record.keys[kind]?.kid ?? "";
    const asked = { type: "method_change", kid, m, version, change_id: change.id } as const;
    const outcome = await phone.transport.post("/v1/acts", JSON.stringify(asked), token);
    if (!outcome.ok) return outcome;
    const request = changeMessage.act(outcome.value, phone.origin, asked);
    if (request === null) return problem("message_differs");

    const salt = new Uint8Array(phone.random(32));
    const opening = unlock(phone.random, { kid, m, version, salt }, next);
    const signed = await signWith(phone, slot, record, {
      ...request,
      place: { among: "keys", kind },
      m: "pin",
      secret: pin,
      blindedNew: opening.blinded,
    });
    if (!signed.ok) return signed;
    const { fresh } = signed.value;
    record = signed.value.record;
    if (fresh === null) return problem("change_interrupted");
    try {
      const h = opening.open(fresh.answer.bytes("evaluated_new", 32));
      const delta = scalar.decode(fresh.answer.bytes("delta_new", 32));
      const share = scalar.add(fresh.share, delta);
      instances.set(kind, { version, salt, o: scalar.encode(mask.hide(share, h)) });
    } catch {
      return problem("bad_answer");
    }
  }
  return done({ record, instances });
}

/** The record with all new instances beside the old ones. */
function adopted({ record, instances }: Granted, change: Change): PhoneRecord {
  const keys = { ...record.keys };
  for (const [kind, instance] of instances) {
    const key = keys[kind];
    if (key === undefined) continue;
    const others = (key.instances[change.m] ?? []).filter(
      ({ version }) => version !== instance.version,
    );
    keys[kind] = {
      ...key,
      instances: { ...key.instances, [change.m]: [...others, instance] },
    };
  }
  return { ...record, keys, change };
}

async function prove(
  phone: Phone,
  slot: Slot,
  start: PhoneRecord,
  { token, m, next }: ChangeWanted,
  change: Change,
): Promise<Outcome<null>> {
  let record = start;
  for (const { kind, version } of change.keys) {
    const kid = record.keys[kind]?.kid ?? "";
    const path = `/v1/method-changes/${change.id}/proofs`;
    const outcome = await phone.transport.post(path, JSON.stringify({ kid }), token);
    if (!outcome.ok) return outcome;
    const request = changeMessage.proof(outcome.value, { kid, m, version });
    if (request === null) return problem("message_differs");

    const place = { among: "keys", kind } as const;
    const wanted = { ...request, place, m, secret: next, version };
    const signed = await signWith(phone, slot, record, wanted);
    if (!signed.ok) return signed;
    record = signed.value.record;
  }
  return done(null);
}
