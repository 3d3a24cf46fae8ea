import { useState } from "preact/hooks";

import type { Outcome } from "../../kit/outcome.ts";
import { moment } from "../../words/moment.ts";
import { useWords } from "../state/words.ts";
import { useCountdown } from "./useCountdown.ts";
import type { Task } from "./useTask.ts";

type ResendOf = {
  readonly task: Task;
  /** From when on another code is sent. */
  readonly at: number | null;
  readonly work: () => Promise<Outcome<unknown>>;
  readonly sent: () => void;
};

/** Has another code sent once it may be, and says that it was, also to who does not see it. */
export function Resend({ task, at, work, sent }: ResendOf) {
  const { who } = useWords();
  const wait = useCountdown(at);
  const [again, setAgain] = useState(false);
  const resend = (): void => {
    if (wait > 0) return;
    task.run(work, () => {
      setAgain(true);
      sent();
    });
  };
  return (
    <>
      <p class="hidden" role="status">
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
