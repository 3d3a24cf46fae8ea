import { expect, test } from "vitest";

import { jcs } from "./jcs.ts";

test("members are ordered by UTF-16 code units, as RFC 8785 section 3.2.3 shows", () => {
  const value = { "\u20ac": 1, "\r": 2, "\uff21": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, ö: 7 };

  expect(jcs(value)).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"\u20ac":1,"\ud83d\ude00":5,"\uff21":3}',
  );
});

test("control characters are escaped in the short form, others stay", () => {
  expect(jcs('\u0008\u000f"\\/한')).toBe('"\\b\\u000f\\"\\\\/한"');
});

test("lists keep their order, literals and integers their spelling", () => {
  expect(jcs([3, 1, true, null, { b: [], a: {} }])).toBe('[3,1,true,null,{"a":{},"b":[]}]');
});

test.each([[1.5], [Number.NaN], [2 ** 53], [-0]])("the number %d is refused", (number) => {
  expect(() => jcs({ amount: number })).toThrow(RangeError);
});

test("a string that is not NFC or holds half a character is refused", () => {
  expect(() => jcs("\u1112\u1161\u11ab")).toThrow(/NFC/);
  expect(() => jcs("\ud800x")).toThrow(/surrogate/);
});
