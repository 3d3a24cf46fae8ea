import { useEffect, useState } from "preact/hooks";

import { Choices } from "../parts/Choices.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

/** The second evidence: which of one's own accounts. */
export function AccountChoice() {
  const words = useWords();
  const { enrol } = words;
  const steps = useSteps(4);
  const accounts = useCell(flow.state)?.accounts ?? [];
  const { accountId } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const go = (): void =>
    accountId === null ? setTried(true) : route.go("/issue/account-password");
  return (
    <Screen
      name="issue-account"
      title={enrol.accountTitle}
      lead={enrol.accountLead}
      steps={steps}
      action={{ label: words.next, run: go }}
    >
      <Choices
        legend={enrol.accountTitle}
        name="account"
        value={accountId}
        onChange={(id) => flow.fill({ accountId: id })}
        error={tried && accountId === null ? enrol.accountMissing : null}
        of={accounts.map(({ id, number, name }) => ({ value: id, label: name, hint: number }))}
      />
    </Screen>
  );
}

/** The second evidence itself: the account's password. */
export function AccountPassword() {
  const { enrol } = useWords();
  const steps = useSteps(4);
  const { accountId } = useCell(flow.draft);
  const { busy, problem, run } = useTask();
  useEffect(() => {
    if (accountId === null) route.replace("/issue/account");
  }, [accountId]);
  const send = (password: string): void =>
    run(
      () => flow.send("account-password", { account_id: accountId, password }),
      (state) => route.go(placeOf(state)),
    );
  return (
    <Screen
      name="issue-account-password"
      title={enrol.passwordTitle}
      steps={steps}
      back="/issue/account"
      problem={problem}
    >
      {busy ? <Waiting /> : <Keypad length={4} onDone={send} />}
    </Screen>
  );
}
