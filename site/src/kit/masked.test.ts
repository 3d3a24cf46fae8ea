import { expect, test } from "vitest";

import { masked } from "./masked.ts";

test.each([
  [masked.name, "김하용", "김*용"],
  [masked.name, "김용", "김*"],
  [masked.name, "남궁하늘", "남**늘"],
  [masked.name, "용", "*"],
  [masked.phone, "010-1234-5678", "010-****-5678"],
  [masked.phone, "0111235678", "011-***-5678"],
  [masked.phone, "12", "**"],
  [masked.account, "123456789789", "123-***-***789"],
  [masked.account, "123-456-789789", "123-***-***789"],
  [masked.account, "12345", "*****"],
  [masked.residentNumber, "900101-1234567", "900101-1******"],
  [masked.residentNumber, "900101", "******"],
])("%s hides %s as %s", (hide, shown, hidden) => {
  expect(hide(shown)).toBe(hidden);
});
