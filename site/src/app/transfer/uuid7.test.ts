import { describe, expect, it } from "vitest";

import { uuid7 } from "./uuid7.ts";

const still = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);

describe("uuid7", () => {
  it("begins with the milliseconds and carries version and variant", () => {
    const id = uuid7(0x0123456789ab, still);

    expect(id).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
  });

  it("sorts by time", () => {
    const ids = [1, 2 ** 40, 2 ** 40 + 1].map((at) => uuid7(at, still));

    expect([...ids].sort()).toEqual(ids);
  });
});
