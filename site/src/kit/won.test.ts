import { expect, test } from "vitest";

import { won } from "./won.ts";

test.each([
  [0, "0원", "0원"],
  [999, "999원", "999원"],
  [10_000, "10,000원", "1만원"],
  [12_345_678, "12,345,678원", "1,234만 5,678원"],
  [100_000_000, "100,000,000원", "1억원"],
  [500_000_001, "500,000,001원", "5억 1원"],
  [1_200_000_000_000, "1,200,000,000,000원", "1조 2,000억원"],
  [-50_000, "-50,000원", "-5만원"],
])("%d is written %s and read %s", (amount, written, read) => {
  expect(won.format(amount)).toBe(written);
  expect(won.reading(amount)).toBe(read);
});

test("half a won is no amount", () => {
  expect(() => won.format(0.5)).toThrow(RangeError);
  expect(() => won.reading(Number.NaN)).toThrow(RangeError);
});

test.each([
  ["1,234,000원", 1_234_000],
  [" 50000 ", 50_000],
  ["", null],
  ["1.5", null],
  ["-3", null],
  ["12만", null],
])("typed %j is %s", (typed, amount) => {
  expect(won.parse(typed)).toBe(amount);
});
