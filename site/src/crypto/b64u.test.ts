import { expect, test } from "vitest";

import { b64u } from "./b64u.ts";

test("every length comes back as it went", () => {
  for (let length = 0; length < 70; length += 1) {
    const raw = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);

    expect(b64u.decode(b64u.encode(raw), length)).toEqual(raw);
    expect(b64u.encode(raw)).toBe(Buffer.from(raw).toString("base64url"));
  }
});

test.each(["A", "AA==", "A A", "AB", "AAB", "AA+/", "AAAAA"])("%s is refused", (words) => {
  expect(() => b64u.decode(words)).toThrow(RangeError);
});

test("another length than expected is refused", () => {
  expect(() => b64u.decode("AAAA", 4)).toThrow(/expected 4/);
});
