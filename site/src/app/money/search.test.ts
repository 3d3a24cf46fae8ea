import { expect, test } from "vitest";

import { EVERYTHING, query } from "./search.ts";

test("nothing that is looked for is nothing that is asked", () => {
  expect(query(EVERYTHING)).toBe("");
});

test("days are days of Seoul, and the last one is whole", () => {
  const asked = new URLSearchParams(query({ ...EVERYTHING, since: "2027-01-15", until: "2027-01-15" }));

  expect(asked.get("since")).toBe("1799938800000000");
  expect(Number(asked.get("until")) - Number(asked.get("since"))).toBe(86_400_000_000);
});

test("words, amounts and the way go along", () => {
  const wanted = { ...EVERYTHING, text: " 월세 & 관리비 ", least: "1000", way: "out" };

  expect(Object.fromEntries(new URLSearchParams(query(wanted)))).toEqual({
    q: "월세 & 관리비",
    least: "1000",
    way: "out",
  });
});
