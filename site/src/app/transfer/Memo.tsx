import { events } from "../../kit/events.ts";
import { Field } from "../parts/Field.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { draft } from "./draft.ts";
import { orders, signable } from "./orders.ts";
import { problem } from "../../kit/problem.ts";
import { useSendSteps } from "./useSendSteps.ts";

const MEMO_LENGTH_MAX = 20;

/** What another amount may mend. */
const ABOUT_THE_AMOUNT: ReadonlySet<string> = new Set([
  "over_per_transfer_limit",
  "over_daily_limit",
  "over_account_day_limit",
  "over_unregistered_limit",
  "insufficient_funds",
  "new_device_limit",
  "ars_number_too_new",
]);

function OtherAmount() {
  const { send, menus } = useWords();
  return (
    <>
      <button
        type="button"
        class="button second"
        onClick={() => route.back("/transfer/amount")}
        data-testid="other-amount"
      >
        {send.otherAmount}
      </button>
      <Link to="/limits" class="button quiet" testid="why-limits">
        {menus.limits}
      </Link>
    </>
  );
}

/** A memo, or none; then the order is placed at the bank. */
export function Memo() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(2);
  const { memo } = useCell(draft.cell);
  const { busy, problem: refused, run, fail } = useTask();
  const place = (): void => {
    // The bank signs and compares composed letters only (PROTOCOL 3: strings NFC).
    draft.fill({ memo: memo.trim().normalize("NFC"), order: null });
    run(orders.place, (order) => {
      void signable(order).then((fields) => {
        if (fields === null) {
          void orders.cancel(order.id);
          return fail(problem("message_differs"));
        }
        draft.fill({ order });
        route.go("/transfer/check");
      });
    });
  };
  return (
    <Screen
      name="transfer-memo"
      title={send.memoTitle}
      steps={steps}
      back="/transfer/amount"
      problem={refused}
      action={{ label: words.next, busy, run: place }}
      foot={refused !== null && ABOUT_THE_AMOUNT.has(refused.code) && <OtherAmount />}
    >
      <Field
        label={send.memoLabel}
        hint={send.memoHint}
        testid="memo"
        value={memo}
        maxLength={MEMO_LENGTH_MAX}
        onInput={(event) => draft.fill({ memo: events.value(event) })}
      />
    </Screen>
  );
}
