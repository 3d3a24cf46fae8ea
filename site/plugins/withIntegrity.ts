const TAG = /<(script|link)\b[^>]*>/g;
const TARGET = /\b(?:src|href)="([^"]+)"/;
const SEALED_LINKS = /\brel="(?:stylesheet|modulepreload|preload)"/;

/**
 * `html` with an `integrity` attribute on every script, stylesheet and preload tag that names one
 * of our assets; `integrityOf` answers null for any other address. An inline script is an error:
 * the CSP would block it in the browser, so the build refuses it first.
 */
export function withIntegrity(html: string, integrityOf: (url: string) => string | null): string {
  return html.replace(TAG, (tag, name: string) => {
    const url = TARGET.exec(tag)?.[1];
    if (name === "script" && url === undefined) throw new Error(`inline script: ${tag}`);
    if (url === undefined || (name === "link" && !SEALED_LINKS.test(tag))) return tag;

    const integrity = integrityOf(url);
    if (integrity === null || tag.includes("integrity=")) return tag;
    const origin = tag.includes("crossorigin") ? "" : ' crossorigin="anonymous"';
    return tag.replace(/\s*\/?>$/, `${origin} integrity="${integrity}">`);
  });
}
