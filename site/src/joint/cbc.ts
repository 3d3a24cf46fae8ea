import { bytes, type Bytes } from "../crypto/bytes.ts";

/** From one block of `size` bytes to another. */
export type Cipher = {
  readonly size: number;
  encrypt(block: Uint8Array): Bytes;
  decrypt(block: Uint8Array): Bytes;
};

/** CBC with the padding of RFC 8018, section 6.1.1: as many bytes as they say, never none. */
export const cbc = {
  encrypt(cipher: Cipher, iv: Uint8Array, plain: Uint8Array): Bytes {
    const missing = cipher.size - (plain.length % cipher.size);
    const padded = bytes.concat(plain, new Uint8Array(missing).fill(missing));
    let before: Uint8Array = iv;
    const blocks = blocksOf(padded, cipher.size).map((block) => {
      before = cipher.encrypt(xor(block, before));
      return before;
    });
    const out = bytes.concat(...blocks);
    padded.fill(0);
    return out;
  },

  /** Null when the length or the padding is wrong, which is what a wrong key mostly makes. */
  decrypt(cipher: Cipher, iv: Uint8Array, sealed: Uint8Array): Bytes | null {
    if (sealed.length === 0 || sealed.length % cipher.size !== 0) return null;
    const blocks = blocksOf(sealed, cipher.size);
    const padded = bytes.concat(
      ...blocks.map((block, n) => xor(cipher.decrypt(block), blocks[n - 1] ?? iv)),
    );
    const size = padded.at(-1) ?? 0;
    const padding = padded.subarray(padded.length - size);
    if (size < 1 || size > cipher.size || padding.some((byte) => byte !== size)) return null;
    return padded.slice(0, padded.length - size);
  },
};

function blocksOf(raw: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: raw.length / size }, (_, n) =>
    raw.subarray(n * size, n * size + size),
  );
}

function xor(a: Uint8Array, b: Uint8Array): Bytes {
  return Uint8Array.from(a, (byte, at) => byte ^ (b[at] ?? 0));
}
