import { expect, test } from "vitest";

import { codeIn } from "./codeIn.ts";

test.each([
  ["[도장은행] 인증번호 482913 (3분)", "482913"],
  ["인증번호[004417]입니다", "004417"],
  ["계좌 123-456-789789 로 1000000원", null],
  ["발급되었습니다", null],
])("in %j the code is %j", (text, code) => {
  expect(codeIn(text)).toBe(code);
});
