import { bytes, type Bytes } from "../crypto/bytes.ts";
import type { Cipher } from "./cbc.ts";

type Bits = readonly number[];

/** Where each bit comes from, counted from 1, as FIPS 46-3 prints it. */
const FIRST = [58, 60, 62, 64, 57, 59, 61, 63].flatMap((top) =>
  Array.from({ length: 8 }, (_, column) => top - 8 * column),
);
const LAST = FIRST.map((_, n) => FIRST.indexOf(n + 1) + 1);
const EXPANSION = Array.from(
  { length: 48 },
  (_, n) => ((Math.floor(n / 6) * 4 + (n % 6) + 31) % 32) + 1,
);
const SPREAD = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13,
  30, 6, 22, 11, 4, 25,
];
const KEY = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60,
  52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21,
  13, 5, 28, 20, 12, 4,
];
const ROUND_KEY = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52,
  31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const TURNS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

/** The eight S-boxes: four rows of sixteen, one hexadecimal digit an entry. */
const BOXES = [
  "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
  "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
  "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
  "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
  "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
  "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
  "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
  "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
];

/**
 * Triple DES with three keys (FIPS 46-3, SP 800-67), bit by bit. It exists because PKCS#12 files of
 * this country are sealed with it (RFC 7292, appendix C); nothing else here uses it.
 */
export function tripleDes(key: Uint8Array): Cipher {
  if (key.length !== 24) throw new RangeError("a triple DES key has 24 bytes");
  const there = [0, 8, 16].map((at) => schedule(key.subarray(at, at + 8)));
  const back = there.map((rounds) => rounds.toReversed());
  const [a = [], b = [], c = []] = there;
  const [x = [], y = [], z = []] = back;
  return {
    size: 8,
    encrypt: (block) => joined([a, y, c].reduce(des, bitsOf(block))),
    decrypt: (block) => joined([z, b, x].reduce(des, bitsOf(block))),
  };
}

function des(block: Bits, rounds: readonly Bits[]): Bits {
  const start = from(block, FIRST);
  let left: Bits = start.slice(0, 32);
  let right: Bits = start.slice(32);
  for (const key of rounds) [left, right] = [right, xor(left, mixed(right, key))];
  return from([...right, ...left], LAST);
}

/** The function of half a block and a round key. */
function mixed(half: Bits, key: Bits): Bits {
  const wide = xor(from(half, EXPANSION), key);
  const chosen = BOXES.flatMap((box, n) => {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = wide.slice(n * 6, n * 6 + 6);
    const entry = b0 * 32 + b5 * 16 + b1 * 8 + b2 * 4 + b3 * 2 + b4;
    const value = Number.parseInt(box[entry] ?? "0", 16);
    return [value >> 3, (value >> 2) & 1, (value >> 1) & 1, value & 1];
  });
  return from(chosen, SPREAD);
}

function schedule(key: Uint8Array): readonly Bits[] {
  let halves = from(bitsOf(key), KEY);
  return TURNS.map((by) => {
    const turned = [halves.slice(0, 28), halves.slice(28)].map((half) => [
      ...half.slice(by),
      ...half.slice(0, by),
    ]);
    halves = turned.flat();
    return from(halves, ROUND_KEY);
  });
}

const from = (bits: Bits, places: readonly number[]): Bits =>
  places.map((place) => bits[place - 1] ?? 0);

const xor = (a: Bits, b: Bits): Bits => a.map((bit, at) => bit ^ (b[at] ?? 0));

const bitsOf = (raw: Uint8Array): Bits =>
  [...raw].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));

function joined(bits: Bits): Bytes {
  const groups = Array.from({ length: 8 }, (_, n) => bits.slice(n * 8, n * 8 + 8));
  return bytes.concat(
    Uint8Array.from(groups, (group) => group.reduce((sum, bit) => sum * 2 + bit)),
  );
}
