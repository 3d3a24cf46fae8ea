import { useState } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { Screen } from "../parts/Screen.tsx";
import { toHeading } from "../parts/toHeading.ts";
import { useCountdown } from "../parts/useCountdown.ts";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Hold, Order } from "../wire.ts";
import { HeldEnded } from "./HeldEnded.tsx";
import { orders } from "./orders.ts";

/** Transfers that were signed and wait: each can be taken back in its time. */
export function Held() {
  const { guard } = useWords();
  const { value, problem: unread, reload } = useLoad(orders.held);
  const ended = useLoad(orders.ended);
  const { busy, problem, run } = useTask();
  const [said, say] = useState("");
  const cancel = (id: string): void =>
    run(
      () => orders.cancel(id),
      () => {
        say(guard.cancelled);
        reload();
        ended.reload();
        toHeading();
      },
    );
  return (
    <Screen
      name="transfer-held"
      title={guard.heldTitle}
      lead={guard.heldLead}
      back="/menu"
      problem={problem ?? unread ?? ended.problem}
    >
      <p role="status" class={said === "" ? "hidden" : "note good"}>
        {said}
      </p>
      {value === null && unread === null && <Waiting />}
      {value?.transfers.length === 0 && <p class="note">{guard.heldNone}</p>}
      {value !== null && value.transfers.length > 0 && (
        <ul class="list" data-testid="held-list">
          {value.transfers.map(
            (order) =>
              order.hold !== null && (
                <Line
                  key={order.id}
                  order={order}
                  hold={order.hold}
                  busy={busy}
                  cancel={() => cancel(order.id)}
                />
              ),
          )}
        </ul>
      )}
      {ended.value !== null && <HeldEnded transfers={ended.value.transfers} />}
    </Screen>
  );
}

type LineOf = {
  readonly order: Order;
  readonly hold: Hold;
  readonly busy: boolean;
  readonly cancel: () => void;
};

function Line({ order, hold, busy, cancel }: LineOf) {
  const words = useWords();
  const { guard, lang } = words;
  const cancellable = useCountdown(hold.cancellable_until) > 0;
  const amount = words.won(won.digits(order.amount));
  return (
    <li class="row" data-testid="held-line">
      <span class="row-text">
        {order.payee_holder} · {amount}
        <small>
          {guard.sendsAt} {moment.full(hold.due_at, lang)}
        </small>
        <small>
          {cancellable
            ? `${guard.cancelUntil} ${moment.full(hold.cancellable_until, lang)}`
            : guard.tooLate}
        </small>
      </span>
      {cancellable && (
        <button
          type="button"
          class="button second small"
          aria-label={guard.heldCancelLabel(order.payee_holder, amount)}
          aria-disabled={busy}
          onClick={cancel}
          data-testid="held-cancel"
        >
          {words.cancel}
        </button>
      )}
    </li>
  );
}
