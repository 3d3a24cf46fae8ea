import { useEffect, useState } from "preact/hooks";

import type { Problem } from "../../kit/outcome.ts";
import { won } from "../../kit/won.ts";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { pending, type Unsettled, type Words } from "../state/pending.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Words as AllWords } from "../../words/ko.ts";
import type { Order } from "../wire.ts";
import { orders } from "./orders.ts";
import { takeUp } from "./takeUp.ts";

type Known = Unsettled & { readonly order: Order | null };

/** Transfers whose end this phone was never told: asked for by their ids, gone on with or ended. */
export function Pending() {
  const { send } = useWords();
  const [known, setKnown] = useState<readonly Known[] | null>(null);
  const [unread, setUnread] = useState<Problem | null>(null);
  const { busy, problem, run } = useTask();
  const look = (): void =>
    void askAll().then(({ found, refused }) => {
      setKnown(found);
      setUnread(refused);
    });
  useEffect(look, []);
  const goOn = (order: Order, words: Words): void =>
    run(
      () => takeUp(order, words),
      () => route.go("/transfer/check"),
    );
  return (
    <Screen
      name="transfer-unsettled"
      title={send.pendingTitle}
      back="/"
      problem={problem ?? unread}
    >
      {known === null && <Waiting />}
      {known?.length === 0 && problem === null && <p class="note">{send.pendingNone}</p>}
      <ul class="list">
        {known?.map(({ id, order, words }) => (
          <Line
            key={id}
            id={id}
            order={order}
            busy={busy}
            goOn={order?.state === "waiting" && words ? () => goOn(order, words) : null}
            stop={() => run(() => orders.cancel(id), look)}
          />
        ))}
      </ul>
    </Screen>
  );
}

/** An id the bank does not know never became an order. One whose words are lost is withdrawn. */
async function askAll(): Promise<{ found: readonly Known[]; refused: Problem | null }> {
  const found: Known[] = [];
  let refused: Problem | null = null;
  for (const { id, words } of pending.cell.get()) {
    const read = await orders.outcome(id);
    if (read.ok) {
      if (read.value.state === "waiting" && words === null) await orders.cancel(id);
      found.push({ id, words, order: read.value });
    } else if (read.status === 404) {
      await pending.settle(id);
      found.push({ id, words, order: null });
    } else refused = read;
  }
  return { found, refused };
}

type LineOf = {
  readonly id: string;
  readonly order: Order | null;
  readonly busy: boolean;
  /** Null where there is nothing to go on with. */
  readonly goOn: (() => void) | null;
  readonly stop: () => void;
};

function Line({ id, order, busy, goOn, stop }: LineOf) {
  const words = useWords();
  const { send } = words;
  const amount = order === null ? "" : words.won(won.digits(order.amount));
  return (
    <li class="row" data-testid="pending-line" data-state={order?.state ?? "unknown"}>
      <span class="row-text">
        {titleOf(order, goOn !== null, words)}
        <small>{order === null ? id : `${order.payee_holder} · ${amount}`}</small>
      </span>
      {order?.state === "posted" && (
        <Link to={`/transfer/sent/${id}`} class="button second small" testid="to-receipt">
          {send.files}
          <span class="hidden"> {order.payee_holder}</span>
        </Link>
      )}
      {goOn !== null && (
        <>
          <button
            type="button"
            class="button small"
            aria-disabled={busy}
            onClick={goOn}
            data-testid="go-on"
          >
            {send.goOn}
          </button>
          <button
            type="button"
            class="button second small"
            aria-label={send.stop}
            aria-disabled={busy}
            onClick={stop}
            data-testid="withdraw"
          >
            {words.cancel}
          </button>
        </>
      )}
    </li>
  );
}

function titleOf(order: Order | null, waits: boolean, { send, guard }: AllWords): string {
  if (order === null) return send.rejectedTitle;
  return {
    posted: send.doneTitle,
    rejected: send.rejectedTitle,
    waiting: waits ? send.waitingTitle : send.cancelledTitle,
    authorised: send.authorisedTitle,
    pending: guard.pendingTitle,
    expired: send.expiredTitle,
    cancelled: send.cancelledTitle,
  }[order.state];
}
