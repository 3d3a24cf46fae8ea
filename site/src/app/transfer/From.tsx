import { useEffect } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { askAccounts } from "../money/askAccounts.ts";
import type { Account } from "../wire.ts";
import { draft } from "./draft.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** Which account the money leaves; a single one, or one named by the address, is taken at once. */
export function From({ chosen }: { readonly chosen: string | null }) {
  const words = useWords();
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
    if (found !== undefined) take(found, route.replace);
  }, [value]);
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
        {accounts.map((account) => (
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
              <strong class="row-side">{words.won(won.digits(account.available))}</strong>
              <Icon name="next" class="chevron" />
            </button>
          </li>
        ))}
      </ul>
    </Screen>
  );
}
