import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { useWords } from "../state/words.ts";
import type { Words } from "../../words/ko.ts";
import type { Order } from "../wire.ts";
import { stateTitle } from "./stateTitle.ts";

/** What waited and does no more: each line leads to how it ended, and to its receipt. */
export function HeldEnded({ transfers }: { readonly transfers: readonly Order[] }) {
  const words = useWords();
  const { guard } = words;
  return (
    <>
      {transfers.length > 0 && <h2>{guard.endedTitle}</h2>}
      {transfers.length > 0 && (
        <ul class="list" data-testid="ended-list">
          {transfers.map((order) => (
            <li key={order.id}>
              <Link to={`/transfer/sent/${order.id}`} class="row" testid="ended-line">
                <span class="row-text">
                  {order.payee_holder} · {words.won(won.digits(order.amount))}
                  <small>{howItEnded(order, words)}</small>
                </span>
                <Icon name="next" class="chevron" />
              </Link>
            </li>
          ))}
        </ul>
      )}
      <p class="soft">{guard.endedOlder}</p>
      <Link to="/accounts" class="button second" testid="to-statements">
        {words.menus.accounts}
      </Link>
    </>
  );
}

function howItEnded(order: Order, words: Words): string {
  const title = stateTitle(order.state, words);
  const at = order.outcome?.status === "posted" ? order.outcome.at : null;
  return at === null ? title : `${title} · ${moment.full(at, words.lang)}`;
}
