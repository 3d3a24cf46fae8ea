import { useState } from "preact/hooks";

import type { Outcome, Problem } from "../../kit/outcome.ts";

export type Task = {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly fail: (problem: Problem | null) => void;
  /** Does the work once at a time, and keeps its refusal for the screen. */
  readonly run: <T>(
    work: () => Promise<Outcome<T>>,
    then: (value: T) => void,
    otherwise?: (problem: Problem) => boolean,
  ) => void;
};

/** One thing under way on a screen. `otherwise` returning true has dealt with the refusal. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [problem, fail] = useState<Problem | null>(null);
  return {
    busy,
    problem,
    fail,
    run(work, then, otherwise) {
      if (busy) return;
      setBusy(true);
      fail(null);
      void work().then((outcome) => {
        setBusy(false);
        if (outcome.ok) then(outcome.value);
        else if (otherwise?.(outcome) !== true) fail(outcome);
      });
    },
  };
}
