import { expect, test } from "vitest";

import { events } from "./events.ts";

const from = (value: string) => ({
  currentTarget: { value } as HTMLInputElement,
  preventDefault: () => undefined,
});

test("digits are taken out of what was typed, also full-width ones", () => {
  expect(events.digits(from("０10-12a34"), 6)).toBe("010123");
});

test("submitting a form stays on the page and does the work", () => {
  const seen: string[] = [];

  events.submit(() => seen.push("work"))({ preventDefault: () => seen.push("stay") });

  expect(seen).toEqual(["stay", "work"]);
});
