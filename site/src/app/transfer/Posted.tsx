import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Seal } from "../parts/Seal.tsx";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { ReceiptCard } from "./ReceiptCard.tsx";
import { ReceiptFiles } from "./ReceiptFiles.tsx";
import { useOrderFacts } from "./useOrderFacts.tsx";

type Outcome = Extract<NonNullable<Order["outcome"]>, { status: "posted" }>;
type Of = { readonly order: Order; readonly outcome: Outcome };

/** A transfer that was sent: what, to whom, when, and its receipt to keep. */
export function Posted({ order, outcome }: Of) {
  const words = useWords();
  const { send } = words;
  const ordered = useOrderFacts(order);
  const { at, balance_after, log_idx, receipt } = outcome;
  return (
    <>
      <Seal class="stamp" />
      <p>{send.doneLead(order.payee_holder, words.won(won.digits(order.amount)))}</p>
      <section class="card">
        <Facts
          testid="receipt"
          of={[
            ...ordered,
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
