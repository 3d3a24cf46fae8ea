import { expect, test } from "vitest";

import { reader } from "./reader.ts";

const answer = reader({
  sid: "AAEC",
  gen: 3,
  half: 0.5,
  none: null,
  list: [{ m: "pin" }],
  in: { a: 1 },
});

test("members are read as what they are", () => {
  expect(answer.text("sid")).toBe("AAEC");
  expect(answer.bytes("sid", 3)).toEqual(Uint8Array.of(0, 1, 2));
  expect(answer.integer("gen")).toBe(3);
  expect(answer.objects("list").map((item) => item.text("m"))).toEqual(["pin"]);
  expect(answer.object("in").integer("a")).toBe(1);
});

test("what is missing, null or of another kind is refused", () => {
  expect(() => answer.text("gen")).toThrow(TypeError);
  expect(() => answer.integer("half")).toThrow(TypeError);
  expect(() => answer.bytes("sid", 2)).toThrow(RangeError);
  expect(() => answer.object("list")).toThrow(TypeError);
  expect(() => answer.objects("in")).toThrow(TypeError);
  expect(() => reader([])).toThrow(TypeError);
  expect([answer.has("none"), answer.has("absent"), answer.has("gen")]).toEqual([
    false,
    false,
    true,
  ]);
});
