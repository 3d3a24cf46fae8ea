import { useEffect } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { askAccounts } from "../money/askAccounts.ts";
import { leaving } from "../money/leaving.ts";
import type { Account } from "../wire.ts";
import { draft } from "./draft.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** Which account the money leaves; a single one, or one named by the address, is taken at once. */
export function From({ chosen }: { readonly chosen: string | null }) {
  const words = useWords();
  const { opening } = words;
  const steps = useSendSteps(1);
  const { value, problem } = useLoad(askAccounts);
  const accounts = value?.accounts ?? [];
  const take = (from: Account, how: (path: string) => void): void => {
    draft.clear();
    draft.fill({ from });
    how("/transfer/bank");
  };
  useEffect(() => {
    const named = accounts.find(({ id }) => id === chosen);
    const only = accounts.length === 1 ? accounts[0] : undefined;
    const found = named ?? only;
    if (found !== undefined && !leaving.never(found)) take(found, route.replace);
  }, [value]);
  if (leaving.nowhere(accounts)) {
    return (
      <Screen
        name="transfer-none"
        title={opening.noneTitle}
        lead={opening.limitedNone}
        back="/"
        foot={
          <Link to="/opening" class="button" testid="to-opening">
            {opening.title}
          </Link>
        }
      />
    );
  }
  return (
    <Screen
      name="transfer-from"
      title={words.send.fromTitle}
      steps={steps}
      back="/"
      problem={problem}
    >
      {value === null && problem === null && <Waiting />}
      {value !== null && accounts.length === 0 && <p class="note">{words.money.noAccounts}</p>}
      <ul class="list">
        {accounts.map((account) =>
          leaving.never(account) ? (
            <li key={account.id} class="row">
              <span class="row-text">
                {account.name}
                <small>{accountNumber(account.number)}</small>
                <small>{opening.limitedNoneHere}</small>
              </span>
            </li>
          ) : (
            <li key={account.id}>
              <button
                type="button"
                class="row"
                onClick={() => take(account, route.go)}
                data-testid={`from-${account.id}`}
              >
                <span class="row-text">
                  {account.name}
                  <small>{accountNumber(account.number)}</small>
                </span>
                <strong class="row-side">{words.won(won.digits(leaving.now(account)))}</strong>
                <Icon name="next" class="chevron" />
              </button>
            </li>
          ),
        )}
      </ul>
    </Screen>
  );
}
