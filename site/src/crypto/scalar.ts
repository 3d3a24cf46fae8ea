import { ed25519 } from "@noble/curves/ed25519.js";

import type { Bytes } from "./bytes.ts";

const { Fn } = ed25519.Point;

/** Integers modulo L, the order of the group; 32 bytes little-endian and < L on the wire. */
export const scalar = {
  order: Fn.ORDER,

  encode: (value: bigint): Bytes => new Uint8Array(Fn.toBytes(value)),

  /** Throws RangeError for any length but 32 and any value >= L. */
  decode(raw: Uint8Array): bigint {
    if (raw.length !== 32) throw new RangeError("a scalar has 32 bytes");
    const value = littleEndian(raw);
    if (value >= Fn.ORDER) throw new RangeError("scalar not below the group order");
    return value;
  },

  /** A 64-byte digest, or 64 random bytes, as a scalar: the bias is below 2^-250. */
  reduce(raw: Uint8Array): bigint {
    if (raw.length !== 64) throw new RangeError("a wide scalar has 64 bytes");
    return littleEndian(raw) % Fn.ORDER;
  },

  add: (a: bigint, b: bigint): bigint => Fn.add(a, b),
  sub: (a: bigint, b: bigint): bigint => Fn.sub(a, b),
  mul: (a: bigint, b: bigint): bigint => Fn.mul(a, b),
  inverse: (a: bigint): bigint => Fn.inv(a),
};

function littleEndian(raw: Uint8Array): bigint {
  return raw.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
