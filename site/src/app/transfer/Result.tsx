import { useEffect } from "preact/hooks";

import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { Became } from "./Became.tsx";
import { draft } from "./draft.ts";
import { orders } from "./orders.ts";
import { rejection } from "./rejection.ts";
import { stateTitle } from "./stateTitle.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** How it ended, just after it was signed: sent, not sent, or still under way. */
export function Result() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(5);
  const { order } = useCell(draft.cell);
  const { busy, problem: unread, run } = useTask();
  const read = (id: string): void =>
    run(
      () => orders.outcome(id),
      (next) => draft.fill({ order: next }),
    );
  useEffect(() => {
    if (order?.state === "authorised") read(order.id);
  }, []);
  if (order === null) return null;
  const leave = (to: string): void => {
    draft.clear();
    route.replace(to);
  };
  const under = order.state === "authorised" || order.state === "waiting";
  return (
    <Screen
      name={`transfer-${order.state}`}
      title={stateTitle(order.state, words)}
      lead={order.state === "rejected" ? send.rejectedLead : undefined}
      steps={steps}
      problem={unread ?? rejection(order)}
      action={
        under
          ? { label: words.again, busy, run: () => read(order.id) }
          : { label: words.ok, run: () => leave("/accounts"), testid: "done" }
      }
      foot={
        <button
          type="button"
          class="button second"
          onClick={() => leave("/transfer")}
          data-testid="another"
        >
          {send.another}
        </button>
      }
    >
      <Became order={order} read={() => read(order.id)} />
    </Screen>
  );
}
