import { expect, test } from "vitest";

import { EVERYTHING, isExtract, query, type Search } from "./search.ts";

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

const NARROWED: Readonly<Record<keyof Search, boolean>> = {
  text: true,
  since: false,
  until: false,
  least: true,
  most: true,
  way: true,
};
const FITTING: Search = {
  text: "월세",
  since: "2027-01-15",
  until: "2027-01-15",
  least: "0",
  most: "5",
  way: "in",
};

test.each(Object.entries(NARROWED))("what narrows by %s is an extract: %s", (name, extract) => {
  const member = Object.entries(FITTING).filter(([one]) => one === name);

  expect(isExtract({ ...EVERYTHING, ...Object.fromEntries(member) })).toBe(extract);
});

test("everything is no extract, and blanks look for nothing", () => {
  expect(isExtract(EVERYTHING)).toBe(false);
  expect(isExtract({ ...EVERYTHING, text: "  " })).toBe(false);
});
