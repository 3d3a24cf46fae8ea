import { events } from "../../kit/events.ts";
import { Field } from "../parts/Field.tsx";
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
