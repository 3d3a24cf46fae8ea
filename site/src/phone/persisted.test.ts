import { expect, test } from "vitest";

import { persisted } from "./persisted.ts";

const storage = (already: boolean, granted: boolean) =>
  ({ persisted: async () => already, persist: async () => granted }) as StorageManager;

test("storage lasts when it already does or the browser grants it", async () => {
  expect(await persisted(storage(true, false))).toBe("lasting");
  expect(await persisted(storage(false, true))).toBe("lasting");
});

test("storage that the browser will not promise may be cleared", async () => {
  expect(await persisted(storage(false, false))).toBe("may_be_cleared");
  expect(await persisted(undefined)).toBe("may_be_cleared");
});
