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
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { nextPlace } from "./nextPlace.ts";
import { orders } from "./orders.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** Factor: a code by message in the call's place; the transfer is held for a while then. */
export function SmsCode() {
  const words = useWords();
  const { guard, who } = words;
  const steps = useSendSteps(4);
  const { order } = useCell(draft.cell);
  const sms = order?.sms ?? null;
  const code = useCode(useCell(bank.cell)?.sms_code.digits ?? 6);
  const task = useTask();
  const left = useCountdown(sms?.expires_at ?? null);
  if (order === null) return null;
  const take = (next: Order): void => {
    draft.fill({ order: next });
    if (next.done.includes("ars")) route.replace(nextPlace(next));
  };
  const send = () => orders.sendCode(order.id);
  const enter = (): void => {
    if (code.whole()) task.run(() => orders.enterCode(order.id, code.text), take);
  };
  const { busy } = task;
  return (
    <Screen
      name="transfer-sms"
      title={sms === null ? guard.sms : guard.smsTitle}
      steps={steps}
      back="/transfer/ars"
      problem={task.problem}
      action={
        sms === null
          ? { label: guard.smsSend, busy, run: () => task.run(send, take), testid: "sms-send" }
          : { label: words.next, busy, run: enter }
      }
      foot={
        sms !== null && (
          <Resend task={task} code={code} at={sms.resend_at} work={send} sent={take} />
        )
      }
    >
      {sms !== null && (
        <CodeField
          code={code}
          hint={left > 0 ? guard.smsLeft(moment.countdown(left), sms.tries_left) : who.codeOver}
        />
      )}
      <p class="note warn">{guard.smsWarn}</p>
    </Screen>
  );
}
