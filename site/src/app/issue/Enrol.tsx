import { useEffect, useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { problem } from "../../kit/problem.ts";
import { Field } from "../parts/Field.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { NameStep } from "./NameStep.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

const PASSWORD_LENGTH_MIN = 10;

/** Internet banking, new: the id. */
export function NewId() {
  const words = useWords();
  const steps = useSteps(4);
  const { loginId } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const right = /^[a-z][a-z0-9]{5,19}$/.test(loginId);
  const go = (): void => (right ? route.go("/issue/new-password") : setTried(true));
  return (
    <Screen
      name="issue-new-id"
      title={words.enrol.idTitle}
      steps={steps}
      action={{ label: words.next, run: go }}
    >
      <Field
        label={words.who.loginId}
        hint={words.enrol.idHint}
        testid="new-login-id"
        value={loginId}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={20}
        error={tried && !right ? words.enrol.idHint : null}
        onInput={(event) => flow.fill({ loginId: events.value(event).toLowerCase() })}
      />
    </Screen>
  );
}

/** Internet banking, new: the password, twice. */
export function NewPassword() {
  const words = useWords();
  const { enrol } = words;
  const steps = useSteps(4);
  const { password } = useCell(flow.draft);
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const long = [...password].length >= PASSWORD_LENGTH_MIN;
  const same = password === again;
  const go = (): void => (long && same ? route.go("/issue/new-name") : setTried(true));
  const look = { type: "password", autocomplete: "new-password", maxLength: 128 } as const;
  return (
    <Screen
      name="issue-new-password"
      title={enrol.newPasswordTitle}
      steps={steps}
      back="/issue/new-id"
      action={{ label: words.next, run: go }}
    >
      <Field
        {...look}
        label={words.who.password}
        hint={enrol.newPasswordHint}
        testid="new-password"
        value={password}
        error={tried && !long ? enrol.newPasswordHint : null}
        onInput={(event) => flow.fill({ password: events.value(event) })}
      />
      <Field
        {...look}
        label={enrol.newPasswordAgain}
        testid="new-password-again"
        value={again}
        error={tried && !same ? enrol.newPasswordDiffers : null}
        onInput={(event) => setAgain(events.value(event))}
      />
    </Screen>
  );
}

/** Internet banking, new: the name check. */
export function NewName() {
  const { enrol } = useWords();
  return (
    <NameStep
      name="issue-new-name"
      step={4}
      title={enrol.nameTitle}
      hint={enrol.nameHint}
      back="/issue/new-password"
      next="/issue/new-account"
    />
  );
}

/** The first account's password, twice; then all of it is sent at once. */
export function NewAccount() {
  const { enrol } = useWords();
  const steps = useSteps(4);
  const [first, setFirst] = useState<string | null>(null);
  const { busy, problem: refused, run, fail } = useTask();
  const { loginId, password, name } = useCell(flow.draft);
  useEffect(() => {
    if (loginId === "" || password === "") route.replace("/issue/new-id");
  }, []);
  const take = (typed: string): void => {
    if (first === null) {
      fail(null);
      return setFirst(typed);
    }
    setFirst(null);
    if (first !== typed) return fail(problem("account_passwords_differ"));
    const body = { login_id: loginId, password, name: name.trim(), account_password: typed };
    run(
      () => flow.send("internet-banking-enrolment", body),
      (state) => route.go(placeOf(state)),
    );
  };
  return (
    <Screen
      name={first === null ? "issue-new-account" : "issue-new-account-again"}
      title={first === null ? enrol.newAccountTitle : enrol.newAccountAgainTitle}
      lead={enrol.newAccountLead}
      steps={steps}
      back={first === null ? "/issue/new-name" : () => setFirst(null)}
      problem={refused}
    >
      {busy ? <Waiting /> : <Keypad key={String(first === null)} length={4} onDone={take} />}
    </Screen>
  );
}
