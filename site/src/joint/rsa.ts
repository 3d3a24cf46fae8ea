import type { Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { oids } from "./oids.ts";

const SIGNING = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
const SEALING = { name: "RSA-OAEP", hash: "SHA-256" } as const;

/** RSA by WebCrypto, with SHA-256; keys as PKCS#8 and SubjectPublicKeyInfo. */
export const rsa = {
  /** The key may sign, and is not given out again. */
  signingKey: (pkcs8: Bytes): Promise<CryptoKey> =>
    crypto.subtle.importKey("pkcs8", pkcs8, SIGNING, false, ["sign"]),

  sign: async (key: CryptoKey, message: Bytes): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.sign(SIGNING.name, key, message)),

  /** False also when the key is none. */
  async verifies(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
    try {
      const key = await crypto.subtle.importKey("spki", publicKey, SIGNING, false, ["verify"]);
      return await crypto.subtle.verify(SIGNING.name, key, signature, message);
    } catch {
      return false;
    }
  },

  /** RSA-OAEP (RFC 8017) to somebody's key: only they can open it. */
  async sealTo(publicKey: Bytes, secret: Bytes): Promise<Bytes> {
    const key = await crypto.subtle.importKey("spki", publicKey, SEALING, false, ["encrypt"]);
    return new Uint8Array(await crypto.subtle.encrypt(SEALING.name, key, secret));
  },

  /** Bits of the modulus and the exponent of a SubjectPublicKeyInfo; throws for other keys. */
  sizeOf(publicKey: Bytes): { readonly bits: number; readonly exponent: number } {
    const [algorithm, held] = der.inside(publicKey);
    if (der.dotted(der.inside(algorithm?.whole)[0]) !== oids.rsaEncryption) {
      throw new RangeError("not an RSA key");
    }
    const [modulus, exponent] = der.inside(der.bitString(held));
    const first = modulus?.value.findIndex((byte) => byte !== 0) ?? -1;
    const digits = modulus?.value.subarray(first) ?? new Uint8Array();
    const bits = digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24;
    return { bits, exponent: der.number(exponent) };
  },
};
