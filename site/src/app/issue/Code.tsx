import { moment } from "../../words/moment.ts";
import { CodeField } from "../parts/CodeField.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Resend } from "../parts/Resend.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCode } from "../parts/useCode.ts";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { identity } from "./identity.ts";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

/** What the bank knows, masked, before a code goes out. */
export function Confirm() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps(2);
  const { locale } = useCell(settings.cell);
  const prefilled = useCell(flow.state)?.prefilled;
  const carriers = useCell(bank.cell)?.carriers ?? [];
  const { busy, problem, run } = useTask();
  const found = carriers.find(({ code }) => code === prefilled?.carrier)?.name;
  const carrier = typeof found === "object" ? found[locale] : (found ?? prefilled?.carrier);
  return (
    <Screen
      name="issue-confirm"
      title={who.confirmTitle}
      lead={who.confirmLead}
      steps={steps}
      back="/issue/internet-banking"
      problem={problem}
      action={{
        label: who.send,
        busy,
        run: () => run(identity, (state) => route.go(placeOf(state))),
      }}
    >
      <section class="card">
        <Facts
          testid="prefilled"
          of={[
            [who.nameLabel, prefilled?.name],
            [who.carrier, carrier],
            [who.phoneLabel, prefilled?.phone],
          ]}
        />
      </section>
    </Screen>
  );
}

/** The SMS code. */
export function Code() {
  const words = useWords();
  const { who } = words;
  const steps = useSteps(3);
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
      name="issue-code"
      title={who.codeTitle}
      lead={sms === null ? undefined : who.codeLead(sms.phone)}
      steps={steps}
      problem={task.problem}
      action={{ label: words.ok, busy: task.busy, run: send }}
      foot={<Resend task={task} code={code} at={sms?.resend_at ?? null} work={identity} />}
    >
      <CodeField code={code} hint={left > 0 ? who.codeLeft(moment.countdown(left)) : who.codeOver} />
      <p class="note warn">{who.warning}</p>
    </Screen>
  );
}
