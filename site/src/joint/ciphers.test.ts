/** SEED against RFC 4269, triple DES against OpenSSL, both in CBC. */
import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";

import { cbc } from "./cbc.ts";
import { seed } from "./seed.ts";
import { tripleDes } from "./tripleDes.ts";
import { vectors } from "./testing/vectors.ts";

const { raw, hex } = vectors;

test.each(vectors.joint.seed)("SEED of RFC 4269 under $key", ({ key, plain, sealed }) => {
  const cipher = seed(raw(key));

  expect(hex(cipher.encrypt(raw(plain)))).toBe(sealed);
  expect(hex(cipher.decrypt(raw(sealed)))).toBe(plain);
});

test.each([0, 1, 7, 8, 100])("triple DES is OpenSSL's, for %d bytes", (length) => {
  const key = Uint8Array.from({ length: 24 }, (_, n) => (n * 73 + 11) & 255);
  const iv = Uint8Array.from({ length: 8 }, (_, n) => n * 31);
  const plain = Uint8Array.from({ length }, (_, n) => (n * 7) & 255);
  const theirs = createCipheriv("des-ede3-cbc", key, iv);
  const expected = Buffer.concat([theirs.update(plain), theirs.final()]);

  const sealed = cbc.encrypt(tripleDes(key), iv, plain);

  expect(hex(sealed)).toBe(hex(expected));
  expect(cbc.decrypt(tripleDes(key), iv, sealed)).toEqual(plain);
});

test("what is no whole block, or padded wrongly, opens to nothing", () => {
  const cipher = seed(new Uint8Array(16));
  const iv = new Uint8Array(16);
  const sealed = cbc.encrypt(cipher, iv, new Uint8Array(5));
  const bent = Uint8Array.from(sealed, (byte, at) => (at === 0 ? byte ^ 1 : byte));

  expect(cbc.decrypt(cipher, iv, new Uint8Array())).toBe(null);
  expect(cbc.decrypt(cipher, iv, sealed.subarray(1))).toBe(null);
  expect(
    cbc.decrypt(
      cipher,
      Uint8Array.from(iv, (_, at) => (at === 15 ? 1 : 0)),
      sealed,
    ),
  ).toBe(null);
  expect(cbc.decrypt(cipher, iv, bent)).toBe(null);
});
