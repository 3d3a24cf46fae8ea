import { expect, test } from "vitest";

import { pattern, type Pattern } from "./pattern.ts";

const drawn = (...nodes: number[]): Pattern => nodes.reduce(pattern.extend, [] as Pattern);

test.each([
  [[0, 2], "0-1-2"],
  [[0, 8], "0-4-8"],
  [[2, 6], "2-4-6"],
  [[1, 7], "1-4-7"],
  [[3, 5], "3-4-5"],
  [[0, 5], "0-5"],
  [[0, 7], "0-7"],
])("%j draws %s", (nodes, text) => {
  expect(pattern.text(drawn(...nodes))).toBe(text);
});

test("a node already visited is passed over freely", () => {
  expect(pattern.text(drawn(1, 0, 2))).toBe("1-0-2");
});

test("a node counts once", () => {
  expect(pattern.text(drawn(0, 1, 0, 1, 2))).toBe("0-1-2");
});

test("three nodes are too few, four are enough, an inserted node counts", () => {
  expect(pattern.refusal(drawn(0, 1, 2))).toBe("fewer_than_four");
  expect(pattern.refusal(drawn(0, 2, 5))).toBe(null);
});

test("a node outside the field is our own mistake", () => {
  expect(() => pattern.extend([], 9)).toThrow(RangeError);
});
