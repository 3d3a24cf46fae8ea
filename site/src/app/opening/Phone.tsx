import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { Field } from "../parts/Field.tsx";
import { Resend } from "../parts/Resend.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { GiveUp } from "./GiveUp.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

/** A code goes to the number on file. */
export function Phone() {
  const { opening, who } = useWords();
  const steps = useSteps();
  const { busy, problem, run } = useTask();
  const send = (): void =>
    run(
      () => flow.send("phone", {}),
      (state) => route.go(placeOf(state)),
    );
  return (
    <Screen
      name="opening-phone"
      title={opening.phoneTitle}
      lead={opening.phoneLead}
      steps={steps}
      problem={problem}
      action={{ label: who.send, busy, run: send }}
      foot={<GiveUp />}
    />
  );
}

/** The SMS code: typed, pasted or offered by the browser. */
export function Code() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps();
  const sms = useCell(flow.state)?.sms ?? null;
  const digits = useCell(bank.cell)?.sms_code.digits ?? 6;
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask();
  const left = useCountdown(sms?.expires_at ?? null);
  const wrong = code.length !== digits;
  const send = (): void => {
    setTried(true);
    if (wrong) return;
    task.run(
      () => flow.send("sms-code", { code }),
      (state) => route.go(placeOf(state)),
    );
  };
  return (
    <Screen
      name="opening-code"
      title={who.codeTitle}
      lead={sms === null ? undefined : who.codeLead(sms.phone)}
      steps={steps}
      problem={task.problem}
      action={{ label: words.ok, busy: task.busy, run: send }}
      foot={
        <>
          <Resend
            task={task}
            at={sms?.resend_at ?? null}
            work={() => flow.send("phone", {})}
            sent={() => setCode("")}
          />
          <GiveUp />
        </>
      }
    >
      <Field
        label={who.codeLabel}
        testid="sms-code"
        look="code"
        inputMode="numeric"
        autocomplete="one-time-code"
        value={code}
        hint={left > 0 ? who.codeLeft(moment.countdown(left)) : who.codeOver}
        error={tried && wrong ? who.codeMissing(digits) : null}
        onInput={(event) => {
          const typed = events.digits(event, digits);
          setCode(typed);
          event.currentTarget.value = typed;
        }}
      />
      <p class="note warn">{who.warning}</p>
    </Screen>
  );
}
