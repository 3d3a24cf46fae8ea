import { Facts } from "../parts/Facts.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { Became } from "./Became.tsx";
import { orders } from "./orders.ts";
import { rejection } from "./rejection.ts";
import { stateTitle } from "./stateTitle.ts";
import { useOrderFacts } from "./useOrderFacts.tsx";

/** A transfer looked up later, by its id alone: how it ended, and its receipt at any time. */
export function Sent({ id }: { readonly id: string }) {
  const words = useWords();
  const { value: order, problem, reload } = useLoad(() => orders.outcome(id));
  if (order === null) {
    return (
      <Screen name="sent" title={words.menus.transfer} back="/accounts" problem={problem}>
        {problem === null && <Waiting />}
      </Screen>
    );
  }
  const under = order.state === "authorised" || order.state === "waiting";
  return (
    <Screen
      name={`sent-${order.state}`}
      title={stateTitle(order.state, words)}
      lead={order.state === "rejected" ? words.send.rejectedLead : undefined}
      back="/accounts"
      problem={problem ?? rejection(order)}
      {...(under ? { action: { label: words.again, run: reload } } : {})}
    >
      <Became order={order} read={reload} />
      {order.state !== "posted" && <Ordered order={order} />}
    </Screen>
  );
}

/** Of what was not sent, what it would have been. */
function Ordered({ order }: { readonly order: Order }) {
  const facts = useOrderFacts(order);
  return (
    <section class="card">
      <Facts testid="ordered" of={facts} />
    </section>
  );
}
