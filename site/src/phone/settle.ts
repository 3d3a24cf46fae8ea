import type { Bytes } from "../crypto/bytes.ts";
import type { SecretKind } from "../crypto/mask.ts";
import { refresh } from "../crypto/refresh.ts";
import { verify } from "../crypto/verify.ts";
import type { Reader } from "../kit/reader.ts";
import type { Change, Inflight, Instance, KeyPlace, KeyRecord, PhoneRecord } from "./record.ts";

export type Settled = { readonly record: PhoneRecord; readonly signature: Bytes };

/**
 * What a DONE makes of the record, or null when it is not to be believed: the signature must verify
 * under PK and the generation be the next one. Every instance moves by its delta; one without a
 * delta no longer exists at the server and is forgotten.
 */
export async function settle(
  record: PhoneRecord,
  place: KeyPlace,
  inflight: Inflight,
  answer: Reader,
): Promise<Settled | null> {
  const key = record[place.among][place.kind];
  if (key === undefined) return null;
  try {
    const signature = answer.bytes("signature", 64);
    if (answer.integer("gen") !== inflight.gen + 1) return null;
    if (!(await verify(key.pk, inflight.message, signature))) return null;
    const moved = movedBy(key, deltasOf(answer));
    if (!moved.instances[inflight.m]?.some(({ version }) => version === inflight.version)) {
      return null;
    }
    const settled = { ...moved, gen: inflight.gen + 1, inflight: null };
    return { record: proved(withKey(record, place, settled), place, inflight), signature };
  } catch {
    return null;
  }
}

type Deltas = (m: SecretKind, version: number) => Bytes | undefined;

function deltasOf(answer: Reader): Deltas {
  const deltas = new Map(
    answer
      .objects("deltas")
      .map((one) => [`${one.text("m")}/${one.integer("version")}`, one.bytes("delta", 32)]),
  );
  return (m, version) => deltas.get(`${m}/${version}`);
}

function movedBy(key: KeyRecord, deltas: Deltas): KeyRecord {
  const move = (m: SecretKind) =>
    (key.instances[m] ?? []).flatMap((instance): Instance[] => {
      const delta = deltas(m, instance.version);
      return delta === undefined ? [] : [{ ...instance, o: refresh(instance.o, delta) }];
    });
  const pin = move("pin");
  const pattern = move("pattern");
  return {
    ...key,
    instances: { ...(pin.length > 0 && { pin }), ...(pattern.length > 0 && { pattern }) },
  };
}

function withKey(record: PhoneRecord, { among, kind }: KeyPlace, key: KeyRecord): PhoneRecord {
  return { ...record, [among]: { ...record[among], [kind]: key } };
}

/** When the last key has proved the new version, the old ones go, as they did at the server. */
function proved(record: PhoneRecord, place: KeyPlace, { m, version }: Inflight): PhoneRecord {
  const { change } = record;
  const mine = change?.keys.find(({ kind }) => kind === place.kind);
  if (change == null || place.among !== "keys" || change.m !== m || mine?.version !== version) {
    return record;
  }
  const keysProved = [...new Set([...change.proved, place.kind])];
  const complete = change.keys.every(({ kind }) => keysProved.includes(kind));
  return complete
    ? { ...withoutOld(record, change), change: null }
    : { ...record, change: { ...change, proved: keysProved } };
}

function withoutOld(record: PhoneRecord, change: Change): PhoneRecord {
  return change.keys.reduce((sum, { kind, version }) => {
    const key = sum.keys[kind];
    if (key === undefined) return sum;
    const kept = (key.instances[change.m] ?? []).filter((one) => one.version >= version);
    const next = { ...key, instances: { ...key.instances, [change.m]: kept } };
    return withKey(sum, { among: "keys", kind }, next);
  }, record);
}
