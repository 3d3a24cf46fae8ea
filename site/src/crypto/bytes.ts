/** Bytes as WebCrypto and IndexedDB take them: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

const text = new TextEncoder();

/** Joins, compares and frames byte strings; integers are big-endian (PROTOCOL 0 and 1). */
export const bytes = {
  concat(...parts: readonly Uint8Array[]): Bytes {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  },

  utf8: (words: string): Bytes => new Uint8Array(text.encode(words)),

  /** Constant time for equal lengths; the lengths themselves are public. */
  equal(a: Uint8Array, b: Uint8Array): boolean {
    if (a.length !== b.length) return false;
    let difference = 0;
    a.forEach((byte, at) => (difference |= byte ^ (b[at] ?? 0)));
    return difference === 0;
  },

  u8(value: number): Bytes {
    return bigEndian(value, 1);
  },

  u16(value: number): Bytes {
    return bigEndian(value, 2);
  },

  u32(value: number): Bytes {
    return bigEndian(value, 4);
  },

  u64(value: number): Bytes {
    return bigEndian(value, 8);
  },
};

function bigEndian(value: number, width: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
    throw new RangeError(`not an unsigned integer of ${width} bytes`);
  }
  const out = new Uint8Array(width);
  let rest = BigInt(value);
  for (let at = width - 1; at >= 0; at -= 1, rest >>= 8n) out[at] = Number(rest & 0xffn);
  return out;
}
