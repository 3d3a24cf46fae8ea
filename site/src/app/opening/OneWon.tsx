import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { GiveUp } from "./GiveUp.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

const DIGITS = 4;
const ACCOUNT_MIN = 6;
const ACCOUNT_MAX = 20;

/** Which of the checks that are open one takes. */
export function Which() {
  const words = useWords();
  const { opening } = words;
  const steps = useSteps();
  const asked = useCell(flow.state)?.asked ?? [];
  const { check } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const go = (): void =>
    check === null ? setTried(true) : route.go(`/opening/${check.replace("_", "-")}`);
  return (
    <Screen
      name="opening-which"
      title={opening.whichTitle}
      lead={opening.whichLead}
      steps={steps}
      action={{ label: words.next, run: go }}
      foot={<GiveUp />}
    >
      <Choices
        legend={opening.whichTitle}
        name="check"
        value={check}
        onChange={(one) => flow.fill({ check: one })}
        error={tried && check === null ? opening.whichMissing : null}
        of={asked.map((one) => ({
          value: one,
          label: opening.checks[one] ?? one,
          hint: opening.checkHints[one] ?? "",
        }))}
      />
    </Screen>
  );
}

/** An own account at another bank, to which 1 won is sent. */
export function OneWon() {
  const words = useWords();
  const { opening } = words;
  const steps = useSteps();
  const { locale } = useCell(settings.cell);
  const banks = useCell(bank.cell)?.banks ?? [];
  const several = (useCell(flow.state)?.asked.length ?? 0) > 1;
  const draft = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const task = useTask();
  const short = draft.account.length < ACCOUNT_MIN;
  const send = (): void => {
    setTried(true);
    if (draft.bank === null || short) return;
    task.run(
      () => flow.send("one-won", { bank: draft.bank, account: draft.account }),
      () => route.go("/opening/one-won-code"),
    );
  };
  return (
    <Screen
      name="opening-one-won"
      title={opening.wonTitle}
      lead={opening.wonLead}
      steps={steps}
      {...(several ? { back: "/opening/which" } : {})}
      problem={task.problem}
      action={{ label: opening.wonSend, busy: task.busy, run: send }}
      foot={<GiveUp />}
    >
      <Choices
        legend={opening.wonBank}
        name="bank"
        grid
        value={draft.bank}
        onChange={(code) => flow.fill({ bank: code })}
        error={tried && draft.bank === null ? opening.wonBankMissing : null}
        of={banks.map(({ code, name }) => ({ value: code, label: name[locale] }))}
      />
      <Field
        label={opening.wonAccount}
        testid="other-account"
        inputMode="numeric"
        value={draft.account}
        error={tried && short ? opening.wonAccountMissing : null}
        onInput={(event) => {
          const typed = events.digits(event, ACCOUNT_MAX);
          flow.fill({ account: typed });
          event.currentTarget.value = typed;
        }}
      />
    </Screen>
  );
}

/** The digits at the end of the sender's name. */
export function OneWonCode() {
  const words = useWords();
  const { opening } = words;
  const steps = useSteps();
  const sent = useCell(flow.state)?.one_won ?? null;
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask();
  const left = useCountdown(sent?.expires_at ?? null);
  const wrong = code.length !== DIGITS;
  const send = (): void => {
    setTried(true);
    if (wrong) return;
    task.run(
      () => flow.send("one-won-code", { code }),
      (state) => route.go(placeOf(state)),
      () => {
        setCode("");
        setTried(false);
        return false;
      },
    );
  };
  return (
    <Screen
      name="opening-one-won-code"
      title={opening.wonCodeTitle}
      lead={opening.wonCodeLead(sent?.account ?? "")}
      steps={steps}
      back="/opening/one-won"
      problem={task.problem}
      action={{ label: words.ok, busy: task.busy, run: send }}
      foot={
        <>
          <button
            type="button"
            class="button second"
            onClick={() => route.go("/opening/one-won")}
            data-testid="another-won"
          >
            {opening.wonAgain}
          </button>
          <GiveUp />
        </>
      }
    >
      <Field
        label={opening.wonCodeLabel}
        testid="one-won-code"
        look="code"
        inputMode="numeric"
        value={code}
        hint={left > 0 ? words.who.codeLeft(moment.countdown(left)) : opening.wonOver}
        error={tried && wrong ? words.who.codeMissing(DIGITS) : null}
        onInput={(event) => {
          const typed = events.digits(event, DIGITS);
          setCode(typed);
          event.currentTarget.value = typed;
        }}
      />
      <p class="note">{opening.wonExample}</p>
    </Screen>
  );
}
