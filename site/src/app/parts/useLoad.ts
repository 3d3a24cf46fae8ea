import { useCallback, useEffect, useState } from "preact/hooks";

import type { Outcome, Problem } from "../../kit/outcome.ts";

export type Loaded<T> = {
  readonly value: T | null;
  readonly problem: Problem | null;
  readonly reload: () => void;
};

/** Asks once when the screen opens; `key` asks again when it changes. */
export function useLoad<T>(ask: () => Promise<Outcome<T>>, key = ""): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    void ask().then((outcome) => {
      if (!wanted) return;
      setProblem(outcome.ok ? null : outcome);
      if (outcome.ok) setValue(outcome.value);
    });
    return () => {
      wanted = false;
    };
  }, [key, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { value, problem, reload };
}
