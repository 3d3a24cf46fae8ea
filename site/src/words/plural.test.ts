import { expect, test } from "vitest";

import { enJoint } from "./en.joint.ts";
import { en } from "./en.ts";

/** A noun behind a one, not a verb: "1 hours", and not "1 was sent". */
const ONE_OF_MANY = /\b1 (?!was\b|goes\b)[a-z]+s\b/;

/** A picture of one pixel is no picture. */
const NEVER_ONE: ReadonlySet<string> = new Set(["pixelsMax"]);

/** All that can be said of one of everything, with the name under which it is said. */
function saidOfOne(words: object): readonly (readonly [name: string, text: string])[] {
  return Object.entries(words).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "function") return [[name, String(value(1, 1, 1))] as const];
    return typeof value === "object" && value !== null ? saidOfOne(value) : [];
  });
}

test("one of a thing is not told as many", () => {
  const said = saidOfOne({ en, enJoint });

  const wrong = said.filter(([name, text]) => !NEVER_ONE.has(name) && ONE_OF_MANY.test(text));

  expect(said.length).toBeGreaterThan(70);
  expect(wrong).toEqual([]);
});

test("none and two of a thing are many", () => {
  const { deviceWaits, undoLead } = en.guard;

  expect(deviceWaits(1)).toContain("1 hour after");
  expect(deviceWaits(24)).toContain("24 hours after");
  expect(undoLead(10)).toContain("10 seconds");
});
