import { dpop } from "../crypto/dpop.ts";
import type { Store } from "./store.ts";

/** The phone's device key, made and stored durably on the first call. */
export function deviceKey(store: Store): Promise<CryptoKeyPair> {
  return store.locked(async (slot) => {
    const found = await slot.read();
    if (found !== null) return found.deviceKey;
    const made = await dpop.createKey();
    await slot.write({
      v: 1,
      credential: null,
      deviceKey: made,
      keys: {},
      enrolling: {},
      change: null,
    });
    return made;
  });
}
