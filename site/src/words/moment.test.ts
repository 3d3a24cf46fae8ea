import { afterEach, expect, test } from "vitest";

import { moment } from "./moment.ts";

const AT = Date.parse("2026-11-30T15:30:00Z") * 1_000; // half past midnight of the next day in Seoul
const home = process.env["TZ"];

afterEach(() => {
  if (home === undefined) delete process.env["TZ"];
  else process.env["TZ"] = home;
});

test("in Korea a time is told without its zone", () => {
  process.env["TZ"] = "Asia/Seoul";

  expect(moment.full(AT, "ko")).toBe("2026. 12. 1. 오전 12:30");
  expect(moment.full(AT, "en")).toBe("Dec 1, 2026, 12:30 AM");
});

test("abroad it says whose time it is", () => {
  process.env["TZ"] = "America/New_York";

  expect(moment.full(AT, "ko")).toBe("2026. 12. 1. 오전 12:30 (한국 시각)");
  expect(moment.full(AT, "en")).toBe("Dec 1, 2026, 12:30 AM KST");
  expect(moment.time(AT, "en")).toBe("12:30:00 AM KST");
  expect(moment.date(AT, "en")).toBe("Dec 1, 2026");
});
