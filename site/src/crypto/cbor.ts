import type { Bytes } from "./bytes.ts";

/** What a leaf's fields are made of. */
export type Said = number | string | boolean | null | Bytes | readonly Said[];

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a leaf of the log: one CBOR map (RFC 8949) of names to numbers, texts, bytes, truths and
 * lists of these. Throws RangeError for anything else, and for bytes that are left over.
 */
export function cbor(raw: Bytes): ReadonlyMap<string, Said> {
  const from = { raw, at: 0 };
  const { major, value: count } = head(from);
  if (major !== 5) throw new RangeError("cbor: not a map");
  const found = new Map<string, Said>();
  for (let n = 0; n < count; n += 1) {
    const name = item(from);
    if (typeof name !== "string" || found.has(name)) throw new RangeError("cbor: not a name");
    found.set(name, item(from));
  }
  if (from.at !== raw.length) throw new RangeError("cbor: bytes are left over");
  return found;
}

type From = { readonly raw: Bytes; at: number };

function item(from: From): Said {
  const { major, value } = head(from);
  switch (major) {
    case 0:
      return value;
    case 1:
      return -1 - value;
    case 2:
      return take(from, value);
    case 3:
      return utf8.decode(take(from, value));
    case 4:
      if (value > from.raw.length) throw new RangeError("cbor: a list too long");
      return Array.from({ length: value }, () => item(from));
    case 7:
      if (value === 20 || value === 21) return value === 21;
      if (value === 22) return null;
      break;
  }
  throw new RangeError("cbor: a kind that no leaf has");
}

/** The first byte of an item, and the number in or behind it. */
function head(from: From): { major: number; value: number } {
  const first = take(from, 1)[0] ?? 0;
  const [major, short] = [first >> 5, first & 31];
  if (short < 24) return { major, value: short };
  if (short > 27 || major === 7) throw new RangeError("cbor: a length that no leaf has");
  const value = take(from, 2 ** (short - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
  if (!Number.isSafeInteger(value)) throw new RangeError("cbor: a number too large");
  return { major, value };
}

function take(from: From, count: number): Bytes {
  const end = from.at + count;
  if (end > from.raw.length) throw new RangeError("cbor: cut short");
  const taken = from.raw.slice(from.at, end);
  from.at = end;
  return taken;
}
