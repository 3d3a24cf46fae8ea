import { createPublicKey } from "node:crypto";
import { expect, test } from "vitest";

import { bytes } from "./bytes.ts";
import { csr } from "./csr.ts";
import { point } from "./point.ts";

const KEY = point.encode(point.mulBase(7n));
const SUBJECT = { name: "김하나", subjectId: "DJ-0123456789" };

test("the public key info is one that node reads as Ed25519", () => {
  const key = createPublicKey({
    key: Buffer.from(csr.publicKeyInfo(KEY)),
    format: "der",
    type: "spki",
  });

  expect(key.asymmetricKeyType).toBe("ed25519");
});

test("the subject is read back only from exactly our own bytes", () => {
  const info = csr.build(KEY, SUBJECT);

  expect(csr.subjectOf(info, KEY)).toEqual(SUBJECT);
  expect(csr.subjectOf(info, point.encode(point.mulBase(8n)))).toBe(null);
  expect(csr.subjectOf(bytes.concat(info, Uint8Array.of(0)), KEY)).toBe(null);
  for (let at = 0; at < info.length; at += 1) {
    const bent = Uint8Array.from(info);
    bent[at] = (bent[at] ?? 0) ^ 0x80;
    expect(csr.subjectOf(bent, KEY)).toBe(null);
  }
});

test("long names get long lengths", () => {
  const name = "가".repeat(64);

  expect(csr.subjectOf(csr.build(KEY, { ...SUBJECT, name }), KEY)?.name).toBe(name);
});

test.each(["", "가".repeat(65), "a\u200bb", "\u1112\u1161\u11ab"])(
  "the name %j is refused",
  (name) => {
    expect(() => csr.build(KEY, { ...SUBJECT, name })).toThrow(RangeError);
  },
);
