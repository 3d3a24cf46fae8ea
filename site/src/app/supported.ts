/** What the app needs and this browser does not have; empty when all is there. */
export async function supported(): Promise<readonly string[]> {
  const missing: string[] = [];
  if (!isSecureContext || globalThis.crypto?.subtle === undefined) missing.push("WebCrypto");
  if (globalThis.navigator?.locks === undefined) missing.push("Web Locks");
  if (!(await hasIndexedDb())) missing.push("IndexedDB");
  return missing;
}

/** Private windows of some browsers have the name but refuse the thing. */
function hasIndexedDb(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("dojang-check");
      request.onerror = () => resolve(false);
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase("dojang-check");
        resolve(true);
      };
    } catch {
      resolve(false);
    }
  });
}
