import type { PhoneRecord } from "./record.ts";

/** The record, while the lock is held. `write` returns when the bytes are durable. */
export type Slot = {
  read(): Promise<PhoneRecord | null>;
  write(record: PhoneRecord): Promise<void>;
};

/** Where the phone keeps its one record. One operation at a time, over all tabs. */
export type Store = { locked<T>(work: (slot: Slot) => Promise<T>): Promise<T> };
