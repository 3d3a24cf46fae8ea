import type { Limits } from "../wire.ts";

export type Figures = { readonly per_transfer: number; readonly per_day: number };

/** What is wrong with a figure: above the bank's own, less than one transfer, or nothing changed. */
type Wrong = "over" | "less" | "same";

type Judged = {
  readonly transfer: Wrong | null;
  readonly day: Wrong | null;
  /** Whether the bank will want to know who one is first; it decides that itself. */
  readonly raises: boolean;
};

/** The figures one typed, null where none, held against those of now and the bank's own. */
export function judge(now: Limits, typed: { readonly [name in keyof Figures]: number | null }): Judged {
  const { per_transfer: one, per_day: all } = typed;
  const over = (wish: number | null, most: number): Wrong | null =>
    wish === null || wish > most ? "over" : null;
  const less = one !== null && all !== null && all < one;
  const same = one === now.per_transfer && all === now.per_day;
  return {
    transfer: over(one, now.most.per_transfer) ?? (same ? "same" : null),
    day: over(all, now.most.per_day) ?? (less ? "less" : null),
    raises: (one ?? 0) > now.per_transfer || (all ?? 0) > now.per_day,
  };
}
