import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { nextPlace } from "./nextPlace.ts";
import { orders } from "./orders.ts";
import { useSendSteps } from "./useSendSteps.ts";

const DIGITS = 6;

/** Factor: a code by message in the call's place; the transfer is held for a while then. */
export function SmsCode() {
  const words = useWords();
  const { guard } = words;
  const steps = useSendSteps(4);
  const { order } = useCell(draft.cell);
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  if (order === null) return null;
  const take = (next: Order): void => {
    draft.fill({ order: next });
    if (next.done.includes("ars")) route.replace(nextPlace(next));
  };
  const send = (): void => run(() => orders.sendCode(order.id), take);
  const enter = (): void => {
    setTried(true);
    if (code.length === DIGITS) run(() => orders.enterCode(order.id, code), take);
  };
  const { sms } = order;
  const action =
    sms === null
      ? { label: guard.smsSend, busy, run: send, testid: "sms-send" }
      : { label: words.next, busy, run: enter };
  return (
    <Screen
      name="transfer-sms"
      title={sms === null ? guard.sms : guard.smsTitle}
      steps={steps}
      back="/transfer/ars"
      problem={problem}
      action={action}
    >
      {sms !== null && (
        <>
          <Field
            label={guard.smsLabel}
            testid="sms-code"
            look="large"
            inputMode="numeric"
            autocomplete="one-time-code"
            value={code}
            error={tried && code.length !== DIGITS ? guard.smsMissing : null}
            onInput={(event) => {
              const digits = events.digits(event, DIGITS);
              setCode(digits);
              event.currentTarget.value = digits;
            }}
          />
          <Left sms={sms} again={send} />
        </>
      )}
      <p class="note warn">{guard.smsWarn}</p>
    </Screen>
  );
}

type LeftOf = { readonly sms: NonNullable<Order["sms"]>; readonly again: () => void };

function Left({ sms, again }: LeftOf) {
  const { guard } = useWords();
  const left = useCountdown(sms.expires_at);
  const wait = useCountdown(sms.resend_at);
  return (
    <>
      <p class="soft">{guard.smsLeft(moment.countdown(left), sms.tries_left)}</p>
      <button
        type="button"
        class="button second"
        aria-disabled={wait > 0}
        onClick={() => wait === 0 && again()}
        data-testid="sms-again"
      >
        {guard.smsAgain} {wait > 0 && moment.countdown(wait)}
      </button>
    </>
  );
}
