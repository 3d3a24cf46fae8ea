import { ed25519 } from "@noble/curves/ed25519.js";

import { bytes, type Bytes } from "./bytes.ts";
import { point } from "./point.ts";

/**
 * Whether `signature` is an RFC 8032 signature of `message` under `publicKey`. R and the key must
 * be elements of the prime-order group: verifiers differ on others (OpenSSL refuses them). Where
 * the browser has Ed25519 in WebCrypto it must agree; an older one relies on our own arithmetic.
 */
export async function verify(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (!ours(publicKey, message, signature)) return false;
  return (await theirs(publicKey, message, signature)) ?? true;
}

function ours(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  try {
    point.decode(publicKey);
    point.decode(signature.subarray(0, 32));
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** null: this browser has no Ed25519. */
async function theirs(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean | null> {
  try {
    const prefix = bytes.concat(
      Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70),
    );
    const spki = bytes.concat(prefix, Uint8Array.of(0x03, 0x21, 0x00), key);
    const imported = await crypto.subtle.importKey("spki", spki, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch {
    return null;
  }
}
