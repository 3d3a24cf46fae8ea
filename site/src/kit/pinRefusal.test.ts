import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { pinRefusal, type PinReason } from "./pinRefusal.ts";

const owner = { birth: "19900317", phone: "010-4827-5913", last: "739205" };

test.each<[string, PinReason | null]>([
  ["12345", "not_six_digits"],
  ["１２３４５６", "not_six_digits"],
  ["12a456", "not_six_digits"],
  ["800073", "three_equal"],
  ["789052", "run_of_four"],
  ["738901", "run_of_four"],
  ["210985", "run_of_four"],
  ["191919", "repeated_pair"],
  ["274274", "repeated_triple"],
  ["900317", "birth_date"],
  ["031790", "birth_date"],
  ["170390", "birth_date"],
  ["199003", "birth_date"],
  ["482739", "phone_digits"],
  ["759137", "phone_digits"],
  ["104826", "phone_digits"],
  ["739205", "same_as_last"],
  ["739206", null],
  ["123920", null],
  ["112233", null],
])("%s: %s", (pin, reason) => {
  expect(pinRefusal(pin, owner)).toBe(reason);
});

test("with nothing known of the owner the general rules still hold", () => {
  const nobody = { birth: null, phone: null, last: null };

  expect(pinRefusal("900317", nobody)).toBe(null);
  expect(pinRefusal("444173", nobody)).toBe("three_equal");
});

type Group = {
  readonly owner: Readonly<Record<"birth_date" | "phone" | "last", string | null>>;
  readonly rejected: Readonly<Record<string, readonly string[]>>;
  readonly accepted: readonly string[];
};

const vectors = new URL("../../../tests/vectors/pin_rules.json", import.meta.url);
const { groups } = JSON.parse(readFileSync(vectors, "utf8")) as { groups: readonly Group[] };

test.each(groups)("the vectors of $owner.birth_date, as the Python phone judges them", (group) => {
  const of = { birth: group.owner.birth_date, phone: group.owner.phone, last: group.owner.last };
  const wanted = [
    ...Object.entries(group.rejected).flatMap(([reason, pins]) => pins.map((pin) => [pin, reason])),
    ...group.accepted.map((pin) => [pin, null]),
  ];

  expect(wanted.length).toBeGreaterThan(500);
  expect(wanted.map(([pin]) => [pin, pinRefusal(pin ?? "", of)])).toEqual(wanted);
});
