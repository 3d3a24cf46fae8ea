import { useEffect, useState } from "preact/hooks";

import type { Problem } from "../../kit/outcome.ts";
import { won } from "../../kit/won.ts";
import { Screen } from "../parts/Screen.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { pending } from "../state/pending.ts";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { orders } from "./orders.ts";

type Known = { readonly id: string; readonly order: Order | null };

/** Transfers whose end this phone was never told: asked for by their ids. */
export function Pending() {
  const { send } = useWords();
  const [known, setKnown] = useState<readonly Known[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    void askAll().then(({ found, refused }) => {
      setKnown(found);
      setProblem(refused);
    });
  }, []);
  return (
    <Screen name="transfer-pending" title={send.pendingTitle} back="/" problem={problem}>
      {known === null && <Waiting />}
      {known?.length === 0 && problem === null && <p class="note">{send.pendingNone}</p>}
      <ul class="list">
        {known?.map((one) => (
          <Line key={one.id} known={one} />
        ))}
      </ul>
    </Screen>
  );
}

/** An id the bank does not know never became an order. A waiting one is withdrawn, unsigned. */
async function askAll(): Promise<{ found: readonly Known[]; refused: Problem | null }> {
  const found: Known[] = [];
  let refused: Problem | null = null;
  for (const id of pending.cell.get()) {
    const read = await orders.outcome(id);
    if (read.ok) {
      if (read.value.state === "waiting") await orders.cancel(id);
      found.push({ id, order: read.value });
    } else if (read.status === 404) {
      await pending.settle(id);
      found.push({ id, order: null });
    } else refused = read;
  }
  return { found, refused };
}

function Line({ known: { id, order } }: { readonly known: Known }) {
  const words = useWords();
  const { send } = words;
  const title =
    order?.state === "posted"
      ? send.doneTitle
      : order?.state === "authorised"
        ? send.authorisedTitle
        : order?.state === "pending"
          ? words.guard.pendingTitle
          : send.rejectedTitle;
  return (
    <li class="row" data-testid="pending-line" data-state={order?.state ?? "unknown"}>
      <span class="row-text">
        {title}
        <small>{order === null ? id : order.payee_holder}</small>
      </span>
      {order !== null && <span class="row-side">{words.won(won.digits(order.amount))}</span>}
    </li>
  );
}
