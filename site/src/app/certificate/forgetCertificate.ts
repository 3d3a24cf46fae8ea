import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { session } from "../state/session.ts";

/** After a revocation the phone drops its shares, which open nothing any more, and says so. */
export async function forgetCertificate(): Promise<void> {
  await desk.phone.store.locked(async (slot) => {
    const record = await slot.read();
    if (record === null) return;
    await slot.write({ ...record, credential: null, keys: {}, change: null });
  });
  route.replace("/revoked");
  session.close();
}
