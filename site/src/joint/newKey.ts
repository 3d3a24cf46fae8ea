import type { Bytes } from "../crypto/bytes.ts";
import { keyFile } from "./keyFile.ts";
import { pkcs8 } from "./pkcs8.ts";
import { rsa } from "./rsa.ts";

/** Of R: docs/how/joint.md. */
export const RANDOM_BYTES = 20;
const KIND = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: "SHA-256",
} as const;

export type NewKey = {
  readonly publicKey: Bytes;
  readonly random: Bytes;
  /** signPri.key under the customer's password: the only form in which the key outlives this. */
  readonly file: Bytes;
  /** For the proof of possession; gives no key out. */
  readonly sign: (message: Bytes) => Promise<Bytes>;
};

/**
 * An RSA-2048 key and R, made here, and sealed before anything else is done with them. The bytes in
 * the clear are overwritten; what the browser's own engine copied is beyond our reach.
 */
export async function newKey(password: string): Promise<NewKey> {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const pair = await crypto.subtle.generateKey(KIND, true, ["sign", "verify"]);
  const exported = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const plain = pkcs8.withRandom(exported, random);
  const salt = crypto.getRandomValues(new Uint8Array(8));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const file = keyFile.seal(plain, password, { form: "pbes2", salt, iv });
  const key = await rsa.signingKey(exported);
  exported.fill(0);
  plain.fill(0);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  return { publicKey, random, file, sign: (message) => rsa.sign(key, message) };
}
