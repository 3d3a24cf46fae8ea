/** What one looks for in a statement; "" is everything. Dates as the date field writes them. */
export type Search = {
  readonly text: string;
  readonly since: string;
  readonly until: string;
  readonly least: string;
  readonly most: string;
  readonly way: string;
};

export const EVERYTHING: Search = {
  text: "",
  since: "",
  until: "",
  least: "",
  most: "",
  way: "both",
};

const DAY_MS = 86_400_000;

/** As the bank's query takes it: days of Seoul as instants in microseconds, the last one whole. */
export function query({ text, since, until, least, most, way }: Search): string {
  const of = new URLSearchParams();
  if (text.trim() !== "") of.set("q", text.trim());
  if (since !== "") of.set("since", String(start(since) * 1_000));
  if (until !== "") of.set("until", String((start(until) + DAY_MS) * 1_000));
  if (least !== "") of.set("least", least);
  if (most !== "") of.set("most", most);
  if (way !== "both") of.set("way", way);
  return of.toString();
}

/** Whether anything but the period narrows it: the file then holds, and is called, an extract. */
export function isExtract(search: Search): boolean {
  return query({ ...search, since: "", until: "" }) !== "";
}

function start(day: string): number {
  return Date.parse(`${day}T00:00:00+09:00`);
}
