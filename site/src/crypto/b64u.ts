import type { Bytes } from "./bytes.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * base64url without padding (RFC 4648 section 5), strictly: a foreign character, padding, an
 * impossible length or bits set past the end are refused, so every byte string has one spelling.
 */
export const b64u = {
  encode(raw: Uint8Array): string {
    let out = "";
    for (let at = 0; at < raw.length; at += 3) {
      const group = ((raw[at] ?? 0) << 16) | ((raw[at + 1] ?? 0) << 8) | (raw[at + 2] ?? 0);
      const digits = Math.min(raw.length - at, 3) + 1;
      for (let n = 0; n < digits; n += 1) out += ALPHABET[(group >> (18 - 6 * n)) & 63];
    }
    return out;
  },

  /** Throws RangeError when `words` is not the one spelling; `length` is in bytes. */
  decode(words: string, length?: number): Bytes {
    if (words.length % 4 === 1) throw new RangeError("base64url: impossible length");
    const out = new Uint8Array(Math.floor((words.length * 6) / 8));
    let held = 0;
    let bits = 0;
    let at = 0;
    for (const letter of words) {
      const digit = ALPHABET.indexOf(letter);
      if (digit < 0) throw new RangeError("base64url: foreign character");
      held = ((held << 6) | digit) & 0xffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      out[at] = (held >> bits) & 0xff;
      at += 1;
    }
    if ((held & ((1 << bits) - 1)) !== 0) throw new RangeError("base64url: bits past the end");
    if (length !== undefined && out.length !== length) {
      throw new RangeError(`base64url: expected ${length} bytes`);
    }
    return out;
  },
};
