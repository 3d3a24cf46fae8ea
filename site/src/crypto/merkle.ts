import { sha256 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "./bytes.ts";

const HASH_BYTES = 32;
const PATH_MAX = 128;

type Inclusion = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Bytes;
  readonly path: readonly Bytes[];
  readonly root: Bytes;
};

type Consistency = {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Bytes;
  readonly secondRoot: Bytes;
  readonly path: readonly Bytes[];
};

/** The Merkle tree of RFC 9162 section 2.1, as far as a phone checks proofs in it. */
export const merkle = {
  HASH_BYTES,

  leafHash: (body: Bytes): Bytes => hash(0, body),

  /** Is `leaf` the one at `index` under `root`? (2.1.3.2) */
  included({ index, size, leaf, path, root }: Inclusion): boolean {
    if (!sound(path) || index < 0 || index >= size) return false;
    let [place, last, joined] = [index, size - 1, leaf];
    for (const step of path) {
      if (last === 0) return false;
      if (odd(place) || place === last) {
        joined = node(step, joined);
        while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
      } else {
        joined = node(joined, step);
      }
      [place, last] = [half(place), half(last)];
    }
    return last === 0 && bytes.equal(joined, root);
  },

  /** Does the second tree begin with the first one? (2.1.4.2) A smaller one never does. */
  consistent({ first, second, firstRoot, secondRoot, path }: Consistency): boolean {
    if (!sound(path) || first < 0 || first > second) return false;
    if (first === 0 || first === second) {
      const said = first === 0 ? new Uint8Array(sha256(new Uint8Array())) : secondRoot;
      return path.length === 0 && bytes.equal(firstRoot, said);
    }
    const steps = powerOfTwo(first) ? [firstRoot, ...path] : path;
    return climbed(first, second, steps, firstRoot, secondRoot);
  },
};

function climbed(
  first: number,
  second: number,
  [start, ...steps]: readonly Bytes[],
  firstRoot: Bytes,
  secondRoot: Bytes,
): boolean {
  if (start === undefined) return false;
  let [place, last] = [first - 1, second - 1];
  while (odd(place)) [place, last] = [half(place), half(last)];
  let [old, now] = [start, start];
  for (const step of steps) {
    if (last === 0) return false;
    if (odd(place) || place === last) {
      [old, now] = [node(step, old), node(step, now)];
      while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      now = node(now, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && bytes.equal(old, firstRoot) && bytes.equal(now, secondRoot);
}

const node = (left: Bytes, right: Bytes): Bytes => hash(1, left, right);

function hash(kind: 0 | 1, ...parts: readonly Bytes[]): Bytes {
  return new Uint8Array(sha256(bytes.concat(Uint8Array.of(kind), ...parts)));
}

function sound(path: readonly Bytes[]): boolean {
  return path.length <= PATH_MAX && path.every(({ length }) => length === HASH_BYTES);
}

/** Sizes may be above 2^32, where JavaScript's bit operators end. */
const odd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

function powerOfTwo(value: number): boolean {
  while (value > 1 && !odd(value)) value = half(value);
  return value === 1;
}
