import { useId, useRef, useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { identity } from "./identity.ts";
import { NameStep } from "./NameStep.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

/** First time: which telecom operator. */
export function Carrier() {
  const words = useWords();
  const steps = useSteps(2);
  const { locale } = useCell(settings.cell);
  const carriers = useCell(bank.cell)?.carriers ?? [];
  const { carrier } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const go = (): void => (carrier === null ? setTried(true) : route.go("/issue/name"));
  return (
    <Screen
      name="issue-carrier"
      title={words.who.carrierTitle}
      steps={steps}
      back="/issue/who"
      action={{ label: words.next, run: go }}
    >
      <Choices
        legend={words.who.carrierTitle}
        name="carrier"
        value={carrier}
        onChange={(code) => flow.fill({ carrier: code })}
        error={tried && carrier === null ? words.who.carrierMissing : null}
        of={carriers.map(({ code, name }) => ({
          value: code,
          label: typeof name === "string" ? name : name[locale],
        }))}
      />
    </Screen>
  );
}

/** First time: the name as the operator has it. */
export function Name() {
  const { who } = useWords();
  return (
    <NameStep
      name="issue-name"
      step={2}
      title={who.nameTitle}
      hint={who.nameHint}
      back="/issue/carrier"
      next="/issue/number"
    />
  );
}

/** First time: the resident number, its second half hidden like a password. */
export function ResidentNumber() {
  const words = useWords();
  const steps = useSteps(2);
  const { front, back } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const whole = front.length === 6 && back.length === 7;
  const go = (): void => (whole ? route.go("/issue/phone") : setTried(true));
  return (
    <Screen
      name="issue-number"
      title={words.who.numberTitle}
      lead={words.who.numberHint}
      steps={steps}
      back="/issue/name"
      action={{ label: words.next, run: go }}
    >
      <NumberHalves front={front} back={back} invalid={tried && !whole} />
    </Screen>
  );
}

function NumberHalves(of: { front: string; back: string; invalid: boolean }) {
  const { who } = useWords();
  const error = useId();
  const second = useRef<HTMLInputElement>(null);
  const half = { class: "input", inputMode: "numeric", autocomplete: "off" } as const;
  const told = { "aria-invalid": of.invalid, "aria-describedby": of.invalid ? error : undefined };
  return (
    <div class="field">
      <div class="pair">
        <input
          {...half}
          {...told}
          aria-label={who.numberFront}
          placeholder={who.numberFront}
          value={of.front}
          data-testid="number-front"
          onInput={(event) => {
            const front = events.digits(event, 6);
            flow.fill({ front });
            event.currentTarget.value = front;
            if (front.length === 6) second.current?.focus();
          }}
        />
        <span aria-hidden="true">-</span>
        <input
          {...half}
          {...told}
          ref={second}
          type="password"
          aria-label={who.numberBack}
          placeholder={who.numberBack}
          value={of.back}
          data-testid="number-back"
          onInput={(event) => {
            const back = events.digits(event, 7);
            flow.fill({ back });
            event.currentTarget.value = back;
          }}
        />
      </div>
      {of.invalid && (
        <span class="field-error" id={error} role="alert">
          {who.numberMissing}
        </span>
      )}
    </div>
  );
}

/** First time: the phone number; then the operator is asked and the code is sent. */
export function Phone() {
  const words = useWords();
  const steps = useSteps(2);
  const { phone } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const right = /^01[0-9]{8,9}$/.test(phone);
  const send = (): void => {
    setTried(true);
    if (right) run(identity, (state) => route.go(placeOf(state)));
  };
  return (
    <Screen
      name="issue-phone"
      title={words.who.phoneTitle}
      steps={steps}
      back="/issue/number"
      problem={problem}
      action={{ label: words.who.send, busy, run: send }}
    >
      <Field
        label={words.who.phoneLabel}
        testid="phone"
        type="tel"
        inputMode="tel"
        value={phone}
        autocomplete="tel-national"
        error={tried && !right ? words.who.phoneMissing : null}
        onInput={(event) => {
          const digits = events.digits(event, 11);
          flow.fill({ phone: digits });
          event.currentTarget.value = digits;
        }}
      />
    </Screen>
  );
}
