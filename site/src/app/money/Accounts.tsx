import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import type { Route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Account } from "../wire.ts";
import { askAccounts } from "./askAccounts.ts";
import { CapNote } from "./CapNote.tsx";
import { leaving } from "./leaving.ts";
import { Send } from "./Send.tsx";
import { Statement } from "./Statement.tsx";

/** One's own accounts, and the statement of one. */
export function Accounts({ at }: { readonly at: Route }) {
  return at[1] === undefined ? <List /> : <Statement id={at[1]} />;
}

function List() {
  const words = useWords();
  const { value, problem } = useLoad(askAccounts);
  const accounts = value?.accounts ?? [];
  const total = accounts.reduce((sum, { balance }) => sum + balance, 0);
  return (
    <Screen name="accounts" title={words.money.accounts} back="/" wide problem={problem}>
      {value === null && problem === null && <Waiting />}
      {value !== null && (
        <p class="soft">
          {words.money.total} <strong>{words.won(won.digits(total))}</strong>
        </p>
      )}
      {value !== null && accounts.length === 0 && <p class="note">{words.money.noAccounts}</p>}
      <div class="cards">
        {accounts.map((account) => (
          <Card key={account.id} account={account} all={accounts} />
        ))}
      </div>
      {!leaving.nowhere(accounts) && (
        <Link to="/opening" class="button second" testid="open-account">
          {words.opening.open}
        </Link>
      )}
    </Screen>
  );
}

type CardOf = { readonly account: Account; readonly all: readonly Account[] };

function Card({ account, all }: CardOf) {
  const words = useWords();
  const { id, name, number, balance, available, held, day_cap } = account;
  return (
    <section class="card" data-testid={`account-${id}`}>
      <h2>
        {name}{" "}
        {day_cap !== null && (
          <span class="tag">{day_cap === 0 ? words.opening.payInTag : words.opening.limitedTag}</span>
        )}
      </h2>
      <p class="soft">{accountNumber(number)}</p>
      <p class="amount" data-testid="balance">
        {words.won(won.digits(balance))}
      </p>
      {held > 0 && (
        <p class="soft">
          {words.money.available} {words.won(won.digits(available))} · {words.money.held}{" "}
          <Link to="/transfer/held" testid="held">
            {words.won(won.digits(held))}
          </Link>
        </p>
      )}
      <CapNote account={account} all={all} />
      <div class="pair-buttons">
        <Link to={`/accounts/${id}`} class="button second" testid="statement">
          {words.money.statement}
        </Link>
        <Send account={account} all={all} />
      </div>
    </section>
  );
}
