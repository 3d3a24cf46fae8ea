import { useState } from "preact/hooks";

import type { Outcome } from "../../kit/outcome.ts";
import { moment } from "../../words/moment.ts";
import { useWords } from "../state/words.ts";
import type { Code } from "./useCode.ts";
import { useCountdown } from "./useCountdown.ts";
import type { Task } from "./useTask.ts";

type ResendOf<T> = {
  readonly task: Task;
  readonly code: Code;
  /** From when on another code is sent. */
  readonly at: number | null;
  readonly work: () => Promise<Outcome<T>>;
  readonly sent?: (value: T) => void;
};

/** Has another code sent once it may be, empties the field for it, and says that it was sent. */
export function Resend<T>({ task, code, at, work, sent }: ResendOf<T>) {
  const { who } = useWords();
  const wait = useCountdown(at);
  const [again, setAgain] = useState(false);
  const resend = (): void => {
    if (wait > 0) return;
    setAgain(false);
    task.run(work, (value) => {
      setAgain(true);
      code.clear();
      sent?.(value);
    });
  };
  return (
    <>
      <p class={again ? "note good" : "hidden"} role="status" data-testid="resent">
        {again ? who.resent : ""}
      </p>
      <button
        type="button"
        class="button second"
        aria-disabled={wait > 0}
        onClick={resend}
        data-testid="resend"
      >
        {wait > 0 ? who.resendIn(moment.countdown(wait)) : who.resend}
      </button>
    </>
  );
}
