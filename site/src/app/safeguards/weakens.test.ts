import { expect, test } from "vitest";

import type { Safeguards } from "../wire.ts";
import { weakens } from "./weakens.ts";

const set = (value: number) => ({ value, later: null, later_at: null });
const ON = {
  designated_only: set(1),
  delay_hours: set(24),
  delay_spares_designated: set(0),
  undo: set(1),
  sms_hold: set(0),
} as unknown as Safeguards;

test("less delay, no list, spared payees and a message for the call are weaker", () => {
  expect(weakens(ON, { delay_hours: 23 })).toBe(true);
  expect(weakens(ON, { designated_only: 0 })).toBe(true);
  expect(weakens(ON, { delay_spares_designated: 1 })).toBe(true);
  expect(weakens(ON, { sms_hold: 1 })).toBe(true);
});

test("more of it, the time to undo, and whom to spare of no delay are not", () => {
  expect(weakens(ON, { delay_hours: 48, designated_only: 1, undo: 0 })).toBe(false);
  expect(weakens({ ...ON, delay_hours: set(0) }, { delay_spares_designated: 1 })).toBe(false);
  expect(weakens({ ...ON, sms_hold: set(1) }, { sms_hold: 0 })).toBe(false);
});
