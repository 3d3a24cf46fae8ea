import { expect, test } from "vitest";

import type { Limits } from "../wire.ts";
import { judge } from "./judge.ts";

const NOW = {
  per_transfer: 100,
  per_day: 300,
  most: { per_transfer: 500, per_day: 500 },
} as unknown as Limits;

test("one figure that is higher raises, also where the other is lower", () => {
  expect(judge(NOW, { per_transfer: 101, per_day: 300 }).raises).toBe(true);
  expect(judge(NOW, { per_transfer: 50, per_day: 301 }).raises).toBe(true);
  expect(judge(NOW, { per_transfer: 100, per_day: 299 }).raises).toBe(false);
});

test("up to the bank's own figure, and not one won more", () => {
  expect(judge(NOW, { per_transfer: 500, per_day: 500 })).toEqual({
    transfer: null,
    day: null,
    raises: true,
  });
  expect(judge(NOW, { per_transfer: 501, per_day: 501 })).toMatchObject({
    transfer: "over",
    day: "over",
  });
});

test("nothing typed, nothing changed, and a day of less than one transfer are no wish", () => {
  expect(judge(NOW, { per_transfer: null, per_day: null })).toMatchObject({
    transfer: "over",
    day: "over",
  });
  expect(judge(NOW, { per_transfer: 100, per_day: 300 }).transfer).toBe("same");
  expect(judge(NOW, { per_transfer: 200, per_day: 199 }).day).toBe("less");
});
