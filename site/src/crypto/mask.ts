import { sha512 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "./bytes.ts";
import { scalar } from "./scalar.ts";

export type SecretKind = "pin" | "pattern";

/** Which key, secret and version a mask belongs to; `kid` has 16 bytes, `salt` 32. */
export type MaskContext = {
  readonly kid: Uint8Array;
  readonly kind: SecretKind;
  readonly version: number;
  readonly salt: Uint8Array;
};

/**
 * The mask over the phone's share (PROTOCOL 1). There is no redundancy in it: every PIN unmasks to
 * some scalar, and only the finished signature tells the right one.
 */
export const mask = {
  /** The OPRF input: "dojang/1/oprf" | kid | len8(m) | m | u32 version | salt | secret. */
  input({ kid, kind, version, salt }: MaskContext, secret: string): Bytes {
    if (kid.length !== 16 || salt.length !== 32) throw new RangeError("kid or salt length");
    const name = bytes.utf8(kind);
    return bytes.concat(
      bytes.utf8("dojang/1/oprf"),
      kid,
      bytes.u8(name.length),
      name,
      bytes.u32(version),
      salt,
      bytes.utf8(secret),
    );
  },

  /** h = int_LE(SHA-512("dojang/1/mask" | salt | len16(secret) | secret | y)) mod L. */
  value(salt: Uint8Array, secret: string, y: Uint8Array): bigint {
    if (salt.length !== 32 || y.length !== 64) throw new RangeError("salt or OPRF output length");
    const words = bytes.utf8(secret);
    const framed = bytes.concat(bytes.u16(words.length), words);
    return scalar.reduce(sha512(bytes.concat(bytes.utf8("dojang/1/mask"), salt, framed, y)));
  },

  /** o = share - h, the only form in which the share is stored. */
  hide: (share: bigint, value: bigint): bigint => scalar.sub(share, value),

  /** share = o + h. */
  reveal: (stored: bigint, value: bigint): bigint => scalar.add(stored, value),
};
