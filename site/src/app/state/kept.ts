const DATABASE = "dojang-app";
const TABLE = "kept";

export type KeptName = "enrolment" | "transfers";

/**
 * What must outlive a reload beside the phone's record: the enrolment token, which is worth
 * nothing without this device's key, and the ids of transfers whose end is not known yet.
 * Durability strict.
 */
export const kept = {
  async read(name: KeptName): Promise<unknown> {
    return within("readonly", (rows) => rows.get(name));
  },
  async write(name: KeptName, value: unknown): Promise<void> {
    await within("readwrite", (rows) => rows.put(value, name));
  },
  async remove(name: KeptName): Promise<void> {
    await within("readwrite", (rows) => rows.delete(name));
  },
};

async function within<T>(
  mode: IDBTransactionMode,
  work: (rows: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const tx = database.transaction(TABLE, mode, { durability: "strict" });
      const request = work(tx.objectStore(TABLE));
      tx.oncomplete = () => resolve(request.result);
      tx.onabort = () => reject(tx.error ?? new Error("IndexedDB refused"));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}
