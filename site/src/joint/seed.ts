import type { Bytes } from "../crypto/bytes.ts";
import type { Cipher } from "./cbc.ts";

const MASKS = [0xfc, 0xf3, 0xcf, 0x3f] as const;
const GOLDEN = 0x9e3779b9;

/** The rows of A1 and A2 in "SEED 128 algorithm specification", 2.1; the left bit is the highest. */
const A1 = [0x8a, 0xfe, 0x85, 0x42, 0x45, 0x21, 0x88, 0x14];
const A2 = [0x45, 0x85, 0xfe, 0x21, 0x8a, 0x88, 0x42, 0x14];

/** The four tables of G: table `n` takes byte `n` of a word, the lowest first. */
const TABLES = [sBox(A1, 247, 169), sBox(A2, 251, 56)].map((box, odd) =>
  [odd, odd + 2].map((at) => Uint32Array.from(box, (value) => spread(value, at))),
);

/**
 * SEED (RFC 4269): a 128-bit block, a 128-bit key, sixteen rounds. Tables are looked up, so it does
 * not hide its timing: it runs on the customer's own machine over the customer's own key file.
 */
export function seed(key: Uint8Array): Cipher {
  if (key.length !== 16) throw new RangeError("a SEED key has 16 bytes");
  const rounds = schedule(words(key));
  const backwards = rounds.toReversed();
  return {
    size: 16,
    encrypt: (block) => run(block, rounds),
    decrypt: (block) => run(block, backwards),
  };
}

type RoundKey = readonly [number, number];

function run(block: Uint8Array, rounds: readonly RoundKey[]): Bytes {
  let [l0, l1, r0, r1] = words(block);
  for (const [k0, k1] of rounds) {
    const c = r0 ^ k0;
    const d = r1 ^ k1;
    const first = g(c ^ d);
    const second = g((first + c) | 0);
    const third = g((second + first) | 0);
    [l0, l1, r0, r1] = [r0, r1, l0 ^ (third + second), l1 ^ third];
  }
  return spelled([r0, r1, l0, l1]);
}

/** RFC 4269, section 2.2: two words a round from the key, which turns by a byte each time. */
function schedule([a, b, c, d]: Words): readonly RoundKey[] {
  const keys: RoundKey[] = [];
  for (let round = 0; round < 16; round += 1) {
    const constant = (GOLDEN << round) | (GOLDEN >>> ((32 - round) % 32));
    keys.push([g((a + c - constant) | 0), g((b - d + constant) | 0)]);
    if (round % 2 === 0) [a, b] = [(a >>> 8) | (b << 24), (b >>> 8) | (a << 24)];
    else [c, d] = [(c << 8) | (d >>> 24), (d << 8) | (c >>> 24)];
  }
  return keys;
}

function g(x: number): number {
  const [[zero, two] = [], [one, three] = []] = TABLES;
  return (
    (zero?.[x & 255] ?? 0) ^
    (one?.[(x >>> 8) & 255] ?? 0) ^
    (two?.[(x >>> 16) & 255] ?? 0) ^
    (three?.[x >>> 24] ?? 0)
  );
}

/** What byte `at` of G's input, after its S-box, gives to the four bytes of the output. */
function spread(value: number, at: number): number {
  return MASKS.reduce(
    (word, _, to) => word | ((value & (MASKS[(at + to) % 4] ?? 0)) << (8 * to)),
    0,
  );
}

/** S(x) = A·xⁿ ⊕ b over GF(2⁸) modulo x⁸+x⁶+x⁵+x+1. */
function sBox(rows: readonly number[], power: number, constant: number): readonly number[] {
  return Array.from({ length: 256 }, (_, x) => {
    let raised = 1;
    for (let n = 0; n < power; n += 1) raised = times(raised, x);
    const mixed = rows.reduce((sum, row) => (sum << 1) | parity(row & raised), 0);
    return mixed ^ constant;
  });
}

function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ (product & 0x80 ? 0x163 : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

function parity(value: number): number {
  let odd = 0;
  for (let rest = value; rest > 0; rest >>= 1) odd ^= rest & 1;
  return odd;
}

type Words = readonly [number, number, number, number];

function words(block: Uint8Array): Words {
  const view = new DataView(block.buffer, block.byteOffset, 16);
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
}

function spelled(block: Words): Bytes {
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  block.forEach((word, n) => view.setInt32(4 * n, word));
  return out;
}
