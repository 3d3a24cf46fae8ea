import { useEffect, useState } from "preact/hooks";

import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { Facts } from "../parts/Facts.tsx";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";

/** It is done; what a limited account is, in one breath. */
export function Finished() {
  const words = useWords();
  const { opening } = words;
  const [state] = useState(flow.state.get());
  useEffect(() => () => flow.forget(), []);
  const goal = state?.goal ?? "account";
  const next = {
    account: "/accounts",
    unlock_password: "/accounts",
    release_loss: "/login",
    identify: flow.after.get(),
  };
  const account = state?.account ?? null;
  return (
    <DoneScreen
      name={`opening-done-${goal}`}
      title={opening.done[goal].title}
      lead={opening.done[goal].lead}
      to={next[goal]}
    >
      {account !== null && (
        <section class="card">
          <Facts
            testid="opened"
            of={[
              [opening.number, <span class="whole">{accountNumber(account.number)}</span>],
              [opening.name, account.name],
              [
                opening.dayCap,
                account.day_cap === null ? words.none : words.won(won.digits(account.day_cap)),
              ],
            ]}
          />
        </section>
      )}
      {account !== null && <p class="note">{opening.limited}</p>}
    </DoneScreen>
  );
}
