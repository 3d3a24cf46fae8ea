/** What we sign as JSON: no floats, no undefined, no nesting surprises. */
export type Canonical =
  string | number | boolean | null | readonly Canonical[] | { readonly [name: string]: Canonical };

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * RFC 8785 for our restricted values: names sorted by UTF-16 code units, no blanks, strings NFC,
 * numbers safe integers. Anything else throws, so that no two programs ever disagree on the bytes.
 */
export function jcs(value: Canonical): string {
  if (typeof value === "string") return words(value);
  if (typeof value === "number") return integer(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map(jcs).join(",")}]`;

  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${words(name)}:${jcs(member)}`).join(",")}}`;
}

function isList(value: Canonical): value is readonly Canonical[] {
  return Array.isArray(value);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new RangeError("not an integer");
  return String(value);
}

function words(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new RangeError("lone surrogate");
  if (value.normalize("NFC") !== value) throw new RangeError("string is not NFC");
  return JSON.stringify(value);
}
