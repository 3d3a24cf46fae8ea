import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

/** Already a customer, or here for the first time? */
export function Who() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps(2);
  const [chosen, choose] = useState<"existing" | "first" | null>(null);
  const [missing, setMissing] = useState(false);
  const go = (): void => {
    if (chosen === null) return setMissing(true);
    route.go(chosen === "existing" ? "/issue/internet-banking" : "/issue/carrier");
  };
  return (
    <Screen
      name="issue-who"
      title={who.title}
      steps={steps}
      back="/issue/terms"
      action={{ label: words.next, run: go }}
    >
      <Choices
        legend={who.title}
        name="who"
        value={chosen}
        onChange={choose}
        error={missing && chosen === null ? who.missing : null}
        of={[
          { value: "existing", label: who.existing, hint: who.existingHint },
          { value: "first", label: who.first, hint: who.firstHint },
        ]}
      />
    </Screen>
  );
}

/** The internet-banking id and password; the refusal never says which of them was wrong. */
export function InternetBanking() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps(2);
  const asked = useCell(flow.state)?.step === "internet_banking_required";
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const send = (): void => {
    setTried(true);
    if (id === "" || password === "") return;
    run(
      () => flow.send("internet-banking", { login_id: id.trim(), password }),
      (state) => route.go(placeOf(state)),
    );
  };
  return (
    <Screen
      name="issue-internet-banking"
      title={asked ? who.bankingRequiredTitle : who.bankingTitle}
      {...(asked ? { lead: who.bankingRequiredLead } : { back: "/issue/who" })}
      steps={steps}
      problem={problem}
      action={{ label: words.next, busy, run: send }}
    >
      <Field
        label={who.loginId}
        testid="login-id"
        value={id}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={64}
        error={tried && id === "" ? who.idMissing : null}
        onInput={(event) => setId(events.value(event))}
      />
      <Field
        label={who.password}
        testid="password"
        type="password"
        value={password}
        autocomplete="current-password"
        maxLength={128}
        error={tried && password === "" ? who.passwordMissing : null}
        onInput={(event) => setPassword(events.value(event))}
      />
    </Screen>
  );
}
