import type { PhoneRecord } from "./record.ts";
import type { Slot, Store } from "./store.ts";

/** A store that lives as long as the page: for tests, and to look inside what would be durable. */
export type MemoryStore = Store & {
  peek(): PhoneRecord | null;
  /** Another phone with the same bytes: what a thief of the storage has. */
  copy(): MemoryStore;
};

export function memoryStore(start: PhoneRecord | null = null): MemoryStore {
  let record = start;
  let last: Promise<unknown> = Promise.resolve();
  const slot: Slot = {
    read: async () => record,
    write: async (next) => {
      record = next;
    },
  };
  return {
    locked(work) {
      const turn = last.then(() => work(slot));
      last = turn.catch(() => undefined);
      return turn;
    },
    peek: () => record,
    copy: () => memoryStore(record),
  };
}
