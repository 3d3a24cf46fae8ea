import { bytes, type Bytes } from "./bytes.ts";

/** One element: its tag, its content, and all its bytes with tag and length. */
export type Element = {
  readonly tag: number;
  readonly value: Uint8Array;
  readonly whole: Uint8Array;
};

const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * DER (X.690 section 10): definite, minimal lengths, one-byte tags. Reading is strict and throws
 * RangeError, so that a certificate or a key has one spelling.
 */
export const der = {
  TAG,

  tlv(tag: number, ...parts: readonly Uint8Array[]): Bytes {
    const value = bytes.concat(...parts);
    return bytes.concat(Uint8Array.of(tag, ...lengthOf(value.length)), value);
  },

  sequence: (...parts: readonly Uint8Array[]): Bytes => der.tlv(TAG.sequence, ...parts),
  set: (...parts: readonly Uint8Array[]): Bytes => der.tlv(TAG.set, ...parts),
  octets: (...parts: readonly Uint8Array[]): Bytes => der.tlv(TAG.octets, ...parts),
  utf8: (words: string): Bytes => der.tlv(TAG.utf8, bytes.utf8(words)),
  nothing: (): Bytes => der.tlv(0x05),

  /** A whole number of bytes, so the octet of unused bits is zero. */
  bits: (value: Uint8Array): Bytes => der.tlv(TAG.bitString, Uint8Array.of(0), value),

  integer(value: number): Bytes {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not a natural number");
    const digits = base256(value);
    return der.tlv(TAG.integer, Uint8Array.of(...((digits[0] ?? 0) > 127 ? [0] : []), ...digits));
  },

  /** "1.2.410.200004.1.15"; arcs are natural numbers below 2^53. */
  oid(dotted: string): Bytes {
    const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
    const arcs = [first * 40 + second, ...rest];
    return der.tlv(TAG.oid, Uint8Array.from(arcs.flatMap(base128)));
  },

  /** The elements that follow one another in `raw`. */
  elements(raw: Uint8Array): readonly Element[] {
    const found: Element[] = [];
    for (let at = 0; at < raw.length;) {
      const one = elementAt(raw, at);
      found.push(one);
      at += one.whole.length;
    }
    return found;
  },

  /** The one element that `raw` is, with this tag. */
  only(raw: Uint8Array | undefined, tag: number): Element {
    const [element, ...more] = der.elements(raw ?? new Uint8Array());
    if (element === undefined || more.length > 0 || element.tag !== tag)
      throw new RangeError("DER");
    return element;
  },

  /** The elements inside the one SEQUENCE (or another constructed tag) that `raw` is. */
  inside: (raw: Uint8Array | undefined, tag: number = TAG.sequence): readonly Element[] =>
    der.elements(der.only(raw, tag).value),

  /** An OBJECT IDENTIFIER's dotted spelling. */
  dotted(element: Element | undefined): string {
    if (element?.tag !== TAG.oid) throw new RangeError("not an OBJECT IDENTIFIER");
    const arcs: number[] = [];
    let arc = 0;
    for (const byte of element.value) {
      arc = arc * 128 + (byte & 127);
      if (!Number.isSafeInteger(arc)) throw new RangeError("an arc is too long");
      if (byte > 127) continue;
      arcs.push(arc);
      arc = 0;
    }
    const head = arcs[0] ?? 0;
    const first = Math.min(Math.floor(head / 40), 2);
    return [first, head - first * 40, ...arcs.slice(1)].join(".");
  },

  /** A natural number that is small enough to count with. */
  number(element: Element | undefined): number {
    if (element?.tag !== TAG.integer || element.value.length === 0) {
      throw new RangeError("not an INTEGER");
    }
    const value = element.value.reduce((sum, byte) => sum * 256 + byte, 0);
    if ((element.value[0] ?? 0) > 127 || !Number.isSafeInteger(value)) {
      throw new RangeError("an INTEGER out of range");
    }
    return value;
  },

  /** The bytes of a BIT STRING without unused bits. */
  bitString(element: Element | undefined): Uint8Array {
    if (element?.tag !== TAG.bitString || element.value[0] !== 0) {
      throw new RangeError("not a BIT STRING of whole bytes");
    }
    return element.value.subarray(1);
  },

  /** The text of a UTF8String, PrintableString, IA5String or BMPString. */
  text(element: Element | undefined): string {
    const code = element?.tag === 0x1e ? "utf-16be" : "utf-8";
    if (element === undefined || ![0x0c, 0x13, 0x16, 0x1e].includes(element.tag)) {
      throw new RangeError("not a string");
    }
    return new TextDecoder(code, { fatal: true }).decode(element.value);
  },
};

function lengthOf(size: number): readonly number[] {
  if (size < 0x80) return [size];
  const digits = base256(size);
  return [0x80 + digits.length, ...digits];
}

function elementAt(raw: Uint8Array, at: number): Element {
  const tag = raw[at] ?? 0;
  const first = raw[at + 1];
  if (first === undefined || (tag & 0x1f) === 0x1f) throw new RangeError("DER");
  const extra = first < 0x80 ? 0 : first - 0x80;
  if (extra > 3 || (extra === 0 && first === 0x80)) throw new RangeError("DER");
  const start = at + 2 + extra;
  const digits = raw.subarray(at + 2, start);
  const size = extra === 0 ? first : digits.reduce((sum, digit) => sum * 256 + digit, 0);
  const shortest = lengthOf(size).length === extra + 1;
  if (!shortest || digits.length < extra || start + size > raw.length) throw new RangeError("DER");
  const end = start + size;
  return { tag, value: raw.subarray(start, end), whole: raw.subarray(at, end) };
}

function base256(value: number): number[] {
  return value < 256 ? [value] : [...base256(Math.floor(value / 256)), value % 256];
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) + 128);
  }
  return digits;
}
