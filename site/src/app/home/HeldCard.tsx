import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { Link } from "../parts/Link.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { desk } from "../state/desk.ts";
import { session } from "../state/session.ts";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";

type Held = { readonly transfers: readonly Order[] };

function ask(): Promise<Outcome<Held>> {
  return session.token() === null
    ? Promise.resolve(done<Held>({ transfers: [] }))
    : desk.mine<Held>({ method: "GET", path: "/v1/transfers" });
}

/** On the first screen, because whoever was deceived has to see it without looking for it. */
export function HeldCard() {
  const { guard } = useWords();
  const { value } = useLoad(ask);
  const count = value?.transfers.length ?? 0;
  if (count === 0) return null;
  return (
    <section class="card" data-testid="held-card">
      <h2>{guard.heldCard(count)}</h2>
      <p class="soft">{guard.heldLead}</p>
      <Link to="/transfer/held" class="button second">
        {guard.toHeld}
      </Link>
    </section>
  );
}
