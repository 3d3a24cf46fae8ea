import { useState } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { moment } from "../../words/moment.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { More } from "../parts/More.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { usePages } from "../parts/usePages.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Entry } from "../wire.ts";
import { askAccounts } from "./askAccounts.ts";
import { CapNote } from "./CapNote.tsx";
import { Find } from "./Find.tsx";
import { Send } from "./Send.tsx";

/** What came and went, newest first, with the balance after each. */
export function Statement({ id }: { readonly id: string }) {
  const words = useWords();
  const all = useLoad(askAccounts).value?.accounts ?? [];
  const account = all.find((one) => one.id === id);
  const [asked, ask] = useState("");
  const { entries, problem, more } = usePages<Entry>(`/v1/accounts/${id}/statement`, asked);
  return (
    <Screen
      name="statement"
      title={account?.name ?? words.money.statement}
      lead={account === undefined ? undefined : accountNumber(account.number)}
      back="/accounts"
      wide
      problem={problem}
    >
      {account !== undefined && (
        <section class="card">
          <p class="soft">{words.money.balance}</p>
          <p class="amount">{words.won(won.digits(account.balance))}</p>
          {account.held > 0 && (
            <p class="soft">
              {words.money.held}{" "}
              <Link to="/transfer/held" testid="held">
                {words.won(won.digits(account.held))}
              </Link>
            </p>
          )}
          <CapNote account={account} all={all} />
          <Send account={account} all={all} />
        </section>
      )}
      <h2>{words.money.statement}</h2>
      <Find id={id} found={ask} />
      {entries === null && problem === null && <Waiting />}
      {entries?.length === 0 && (
        <p class="note">{asked === "" ? words.empty : words.search.nothing}</p>
      )}
      {entries !== null && entries.length > 0 && (
        <ul class="list" data-testid="entries">
          {entries.map((entry) => (
            <Line key={entry.version} entry={entry} />
          ))}
        </ul>
      )}
      <More more={more} />
    </Screen>
  );
}

/** One's own transfers lead to their receipt; of other lines there is none. */
function Line({ entry }: { readonly entry: Entry }) {
  const { money } = useWords();
  const { receipt, transfer_id } = entry;
  if (!receipt || transfer_id === null) {
    return (
      <li class="row" data-testid="entry">
        <Told entry={entry} />
        <span class="chevron" />
      </li>
    );
  }
  return (
    <li>
      <Link to={`/transfer/sent/${transfer_id}`} class="row" testid="entry-sent">
        <Told entry={entry} />
        <span class="hidden">{money.toReceipt}</span>
        <Icon name="next" class="chevron" />
      </Link>
    </li>
  );
}

function Told({ entry }: { readonly entry: Entry }) {
  const words = useWords();
  const { at, amount, balance_after, counterparty, memo } = entry;
  return (
    <>
      <span class="row-text">
        {counterparty ?? memo}
        <small>
          {moment.full(at, words.lang)} {counterparty === null ? "" : memo}
        </small>
      </span>
      <span class="row-side">
        <strong class={amount > 0 ? "plus" : ""}>
          {amount > 0 ? "+" : "-"}
          {words.won(won.digits(Math.abs(amount)))}
        </strong>
        <small class="soft row-small">
          {words.money.after(words.won(won.digits(balance_after)))}
        </small>
      </span>
    </>
  );
}
