import { expect, test } from "vitest";

import type { Account } from "../wire.ts";
import { leaving } from "./leaving.ts";

const account = (available: number, day_cap: number | null, day_left = day_cap): Account => ({
  id: "a1",
  number: "110208450323",
  name: "입출금통장",
  kind: day_cap === null ? "current" : "limited",
  balance: available,
  available,
  held: 0,
  day_cap,
  day_left,
});

test("what may leave is what is there, or what is left of the cap", () => {
  expect(leaving.now(account(5_000_000, null))).toBe(5_000_000);
  expect(leaving.now(account(5_000_000, 1_000_000, 400_000))).toBe(400_000);
  expect(leaving.now(account(300, 1_000_000, 400_000))).toBe(300);
});

test("a cap is told only where it is narrower than the money", () => {
  expect(leaving.capped(account(5_000_000, null))).toBe(false);
  expect(leaving.capped(account(300, 1_000_000))).toBe(false);
  expect(leaving.capped(account(5_000_000, 1_000_000))).toBe(true);
});

test("a cap of nothing is not a cap that is used up", () => {
  expect(leaving.never(account(0, 0))).toBe(true);
  expect(leaving.never(account(0, 1_000_000, 0))).toBe(false);
});

test("one account that may send is a way for money to leave", () => {
  expect(leaving.nowhere([account(0, 0)])).toBe(true);
  expect(leaving.nowhere([account(0, 0), account(0, 1_000_000)])).toBe(false);
  expect(leaving.nowhere([])).toBe(false);
});
