import { useEffect, useState } from "preact/hooks";

import { problem } from "../../kit/problem.ts";
import { Choices } from "../parts/Choices.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { GiveUp } from "./GiveUp.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

const LENGTH = 4;

/** A new account password, typed twice. */
export function NewPassword() {
  const { opening, enrol } = useWords();
  const steps = useSteps();
  const account = useCell(flow.state)?.goal === "account";
  const [first, setFirst] = useState<string | null>(null);
  const { busy, problem: refused, run, fail } = useTask();
  const take = (typed: string): void => {
    if (first === null) {
      fail(null);
      return setFirst(typed);
    }
    setFirst(null);
    if (first !== typed) return fail(problem("account_passwords_differ"));
    run(
      () => flow.send("password", { password: typed }),
      (state) => route.replace(placeOf(state)),
    );
  };
  const again = first !== null;
  return (
    <Screen
      name={again ? "opening-password-again" : "opening-password"}
      title={again ? enrol.newAccountAgainTitle : opening.passwordTitle}
      lead={account ? opening.passwordLead : opening.unlockLead}
      steps={steps}
      {...(again ? { back: () => setFirst(null) } : {})}
      problem={refused}
      foot={<GiveUp />}
    >
      {busy ? <Waiting /> : <Keypad key={String(again)} length={LENGTH} onDone={take} />}
    </Screen>
  );
}

/** Which of one's own accounts: for a release, or to be identified. */
export function OwnAccount() {
  const words = useWords();
  const { enrol } = words;
  const steps = useSteps();
  const accounts = useCell(flow.state)?.accounts ?? [];
  const { accountId } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const wish = useWish();
  return (
    <Screen
      name="opening-account"
      title={enrol.accountTitle}
      lead={enrol.accountLead}
      steps={steps}
      action={{
        label: words.next,
        run: () =>
          accountId === null ? setTried(true) : route.go(`/${wish}/account-password`),
      }}
      foot={<GiveUp />}
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

/** That account's password. */
export function OwnPassword() {
  const { enrol } = useWords();
  const steps = useSteps();
  const { accountId } = useCell(flow.draft);
  const { busy, problem: refused, run } = useTask();
  const wish = useWish();
  useEffect(() => {
    if (accountId === null) route.replace(`/${wish}/account`);
  }, [accountId]);
  const send = (password: string): void =>
    run(
      () => flow.send("password", { password, account_id: accountId }),
      (state) => route.replace(placeOf(state)),
    );
  return (
    <Screen
      name="opening-account-password"
      title={enrol.passwordTitle}
      steps={steps}
      back={`/${wish}/account`}
      problem={refused}
      foot={<GiveUp />}
    >
      {busy ? <Waiting /> : <Keypad length={LENGTH} onDone={send} />}
    </Screen>
  );
}

function useWish(): string {
  return useCell(flow.state)?.goal === "identify" ? "identify" : "release";
}
