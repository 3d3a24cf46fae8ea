import type { Bytes } from "./bytes.ts";
import { scalar } from "./scalar.ts";

/**
 * The stored, masked share after a signature: o + delta. It needs no PIN, because the mask is
 * additive; the server moves its own share by 2 * delta, so 2*s1 - s2 stays the key (PROTOCOL I1).
 */
export function refresh(stored: Uint8Array, delta: Uint8Array): Bytes {
  return scalar.encode(scalar.add(scalar.decode(stored), scalar.decode(delta)));
}
