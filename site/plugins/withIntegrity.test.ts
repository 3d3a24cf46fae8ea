import { expect, test } from "vitest";

import { withIntegrity } from "./withIntegrity.ts";

const known = (url: string) => (url.startsWith("/assets/") ? "sha384-AAAA" : null);

test("scripts, stylesheets and preloads of ours are sealed", () => {
  const html =
    '<script type="module" crossorigin src="/assets/a.js"></script>' +
    '<link rel="stylesheet" href="/assets/a.css"><link rel="modulepreload" href="/assets/b.js">';

  const sealed = withIntegrity(html, known);

  expect(sealed.match(/integrity="sha384-AAAA"/g)).toHaveLength(3);
  expect(sealed.match(/crossorigin/g)).toHaveLength(3);
});

test("an icon and a foreign address stay as they are", () => {
  const html = '<link rel="icon" href="/assets/i.svg"><link rel="stylesheet" href="/other.css">';

  expect(withIntegrity(html, known)).toBe(html);
});

test("an inline script stops the build", () => {
  expect(() => withIntegrity("<script>alert(1)</script>", known)).toThrow(/inline script/);
});
