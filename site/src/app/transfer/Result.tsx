import { useEffect } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { problem } from "../../kit/problem.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Screen } from "../parts/Screen.tsx";
import { Seal } from "../parts/Seal.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Words } from "../../words/ko.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { orders } from "./orders.ts";
import { ReceiptCard } from "./ReceiptCard.tsx";
import { ReceiptFiles } from "./ReceiptFiles.tsx";
import { useSendSteps } from "./useSendSteps.ts";
import { Ended, Waits } from "./Waits.tsx";

/** How it ended: sent, not sent, or still under way. */
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
  const { outcome } = order;
  const rejected =
    outcome?.status === "rejected" ? problem(outcome.problem.code, 200, outcome.problem) : null;
  const leave = (to: string): void => {
    draft.clear();
    route.replace(to);
  };
  const under = order.state === "authorised" || order.state === "waiting";
  return (
    <Screen
      name={`transfer-${order.state}`}
      title={titleOf(order.state, words)}
      lead={outcome?.status === "rejected" ? send.rejectedLead : undefined}
      steps={steps}
      problem={unread ?? rejected}
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
      {order.state === "pending" && order.hold !== null && (
        <Waits order={order} hold={order.hold} read={() => read(order.id)} />
      )}
      {order.state === "cancelled" && order.hold !== null && <Ended hold={order.hold} />}
      {outcome?.status === "posted" && <Sent order={order} outcome={outcome} />}
    </Screen>
  );
}

function titleOf(state: Order["state"], { send, guard }: Words): string {
  return {
    posted: send.doneTitle,
    rejected: send.rejectedTitle,
    waiting: send.waitingTitle,
    authorised: send.authorisedTitle,
    pending: guard.pendingTitle,
    expired: send.expiredTitle,
    cancelled: send.cancelledTitle,
  }[state];
}

type Posted = Extract<NonNullable<Order["outcome"]>, { status: "posted" }>;

function Sent({ order, outcome }: { readonly order: Order; readonly outcome: Posted }) {
  const words = useWords();
  const { send } = words;
  const { at, balance_after, log_idx, receipt } = outcome;
  return (
    <>
      <Seal class="stamp" />
      <p>{send.doneLead(order.payee_holder, words.won(won.digits(order.amount)))}</p>
      <section class="card">
        <Facts
          testid="receipt"
          of={[
            [send.amount, words.won(won.digits(order.amount))],
            [send.fee, order.fee === 0 ? send.feeNone : words.won(won.digits(order.fee))],
            [send.when, moment.full(at, words.lang)],
            [send.balanceAfter, words.won(won.digits(balance_after))],
            [send.number, <span class="mono">{order.id}</span>],
            [send.leaf, String(log_idx)],
          ]}
        />
      </section>
      <ReceiptFiles id={order.id} />
      <ReceiptCard receipt={receipt} />
    </>
  );
}
