import type { KeyPlace, PhoneRecord } from "./record.ts";

/** The record after a signature that certainly came to nothing. */
export function withoutInflight(record: PhoneRecord, { among, kind }: KeyPlace): PhoneRecord {
  const key = record[among][kind];
  if (key === undefined) return record;
  return { ...record, [among]: { ...record[among], [kind]: { ...key, inflight: null } } };
}
