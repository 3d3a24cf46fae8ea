import { useEffect } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { Failure } from "../parts/Failure.tsx";
import { Link } from "../parts/Link.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { useWords } from "../state/words.ts";
import type { Hold, Order } from "../wire.ts";
import { orders } from "./orders.ts";

const POLL_MS = 1_000;
const HOUR_SECONDS = 3_600;

type Of = { readonly order: Order; readonly hold: Hold; readonly read: () => void };

/** Signed and not sent: how long still, and the button that takes it back. */
export function Waits({ order, hold, read }: Of) {
  const words = useWords();
  const { guard, lang } = words;
  const left = useCountdown(hold.due_at);
  const cancellable = useCountdown(hold.cancellable_until) > 0;
  const { busy, problem, run } = useTask();
  useReadingWhenDue(left === 0, read);
  const amount = words.won(won.digits(order.amount));
  const cancel = (): void => run(() => orders.cancel(order.id), read);
  return (
    <>
      <Failure problem={problem} />
      <section class="card" data-testid="waits" data-why={hold.why}>
        <p>{guard.pendingLead(order.payee_holder, amount, moment.full(hold.due_at, lang))}</p>
        {left <= HOUR_SECONDS && (
          <p class="figure" role="timer" data-testid="sends-in">
            {moment.countdown(left)}
          </p>
        )}
        <p class="soft">
          {cancellable && hold.cancellable_until < hold.due_at
            ? `${guard.cancelUntil}: ${moment.full(hold.cancellable_until, lang)}`
            : !cancellable && guard.tooLate}
        </p>
      </section>
      {cancellable && (
        <button
          type="button"
          class="button danger"
          aria-disabled={busy}
          onClick={cancel}
          data-testid="undo"
        >
          {hold.why === "undo" ? guard.undoNow : guard.cancelNow}
        </button>
      )}
      {hold.why !== "undo" && (
        <Link to="/transfer/held" class="button second" testid="to-held">
          {guard.toHeld}
        </Link>
      )}
    </>
  );
}

/** Why a held transfer was not sent. */
export function Ended({ hold }: { readonly hold: Hold }) {
  const { guard } = useWords();
  return (
    <p class="note good" role="status" data-testid="ended" data-why={hold.ended ?? ""}>
      {guard.ended[hold.ended ?? "customer"] ?? guard.endedOther}
    </p>
  );
}

function useReadingWhenDue(due: boolean, read: () => void): void {
  useEffect(() => {
    if (!due) return undefined;
    const timer = setInterval(read, POLL_MS);
    return () => clearInterval(timer);
  }, [due]);
}
