import type { PhoneRecord } from "./record.ts";
import type { Slot, Store } from "./store.ts";

const DATABASE = "dojang";
const TABLE = "phone";
const ROW = "record";
const LOCK = "dojang/phone";

/** The browser's store: IndexedDB, durability "strict", one operation at a time over all tabs. */
export function indexedDbStore(): Store {
  return {
    locked(work) {
      return navigator.locks.request(LOCK, async () => {
        const database = await open();
        try {
          return await work(slotOf(database));
        } finally {
          database.close();
        }
      });
    },
  };
}

function slotOf(database: IDBDatabase): Slot {
  return {
    async read() {
      const rows = database.transaction(TABLE, "readonly").objectStore(TABLE);
      const found: unknown = await settled(rows.get(ROW));
      return isRecord(found) ? found : null;
    },
    write(record) {
      return new Promise((resolve, reject) => {
        const tx = database.transaction(TABLE, "readwrite", { durability: "strict" });
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error ?? new Error("write aborted"));
        tx.objectStore(TABLE).put(record, ROW);
      });
    },
  };
}

/** Only we write this row; a later layout would carry another `v`. */
function isRecord(found: unknown): found is PhoneRecord {
  return typeof found === "object" && found !== null && "v" in found && found.v === 1;
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}
