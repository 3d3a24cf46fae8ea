export type Rows = {
  /** One request in one transaction, durable when it is answered. */
  within<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T>;
};

/** A table of its own in a database of its own, in the browser's IndexedDB; durability strict. */
export function rows(database: string, table: string): Rows {
  return {
    async within<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>) {
      const opened = await open(database, table);
      try {
        return await new Promise<T>((resolve, reject) => {
          const tx = opened.transaction(table, mode, { durability: "strict" });
          const request = work(tx.objectStore(table));
          tx.oncomplete = () => resolve(request.result);
          tx.onabort = () => reject(tx.error ?? new Error("IndexedDB refused"));
        });
      } finally {
        opened.close();
      }
    },
  };
}

function open(database: string, table: string): Promise<IDBDatabase> {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(table);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}
