/** How long this browser keeps what it stores. */
export type Persistence = "lasting" | "may_be_cleared";

/**
 * Asks the browser to keep our storage (PROTOCOL 1: before issuing). A browser without the question
 * or one that says no, may clear it under pressure; then the screen explains instead of issuing.
 */
export async function persisted(storage: StorageManager | undefined): Promise<Persistence> {
  if (storage?.persist === undefined) return "may_be_cleared";
  const lasting = (await storage.persisted()) || (await storage.persist());
  return lasting ? "lasting" : "may_be_cleared";
}
