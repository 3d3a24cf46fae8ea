import { moment } from "../../words/moment.ts";
import { CodeField } from "../parts/CodeField.tsx";
import { Resend } from "../parts/Resend.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCode } from "../parts/useCode.ts";
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

/** The SMS code. */
export function Code() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps();
  const sms = useCell(flow.state)?.sms ?? null;
  const code = useCode(useCell(bank.cell)?.sms_code.digits ?? 6);
  const task = useTask();
  const left = useCountdown(sms?.expires_at ?? null);
  const send = (): void => {
    if (!code.whole()) return;
    task.run(
      () => flow.send("sms-code", { code: code.text }),
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
            code={code}
            at={sms?.resend_at ?? null}
            work={() => flow.send("phone", {})}
          />
          <GiveUp />
        </>
      }
    >
      <CodeField code={code} hint={left > 0 ? who.codeLeft(moment.countdown(left)) : who.codeOver} />
      <p class="note warn">{who.warning}</p>
    </Screen>
  );
}
