import { useEffect, useState } from "preact/hooks";

import { desk } from "../state/desk.ts";
import { useTask } from "./useTask.ts";
import type { Problem } from "../../kit/outcome.ts";

type Page<T> = { readonly entries: readonly T[]; readonly next: number | null };

export type Pages<T> = {
  /** Null until the first page is there. */
  readonly entries: readonly T[] | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
  /** Fetches the following page; null after the last. */
  readonly more: (() => void) | null;
};

const LIMIT = 30;

/** A list that is read page by page, newest first; `asked` is a query that narrows it. */
export function usePages<T>(path: string, asked = ""): Pages<T> {
  const [entries, setEntries] = useState<readonly T[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const { busy, problem, run } = useTask();
  const ask = (before: number | null): void => {
    const page = before === null ? `limit=${LIMIT}` : `before=${before}&limit=${LIMIT}`;
    const query = asked === "" ? page : `${asked}&${page}`;
    run(
      () => desk.mine<Page<T>>({ method: "GET", path: `${path}?${query}` }),
      (page) => {
        setEntries([...(before === null ? [] : (entries ?? [])), ...page.entries]);
        setNext(page.next);
      },
    );
  };
  useEffect(() => ask(null), [path, asked]);
  return { entries, problem, busy, more: next === null ? null : () => ask(next) };
}
