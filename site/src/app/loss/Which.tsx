import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import type { Problem } from "../../kit/outcome.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";

export type By = "phone" | "account";

type Of = {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly back: () => void;
  readonly report: (by: By, digits: string) => void;
};

/** By what the customer is found: phone or account number. */
export function Which({ busy, problem, back, report }: Of) {
  const words = useWords();
  const { loss, who, send } = words;
  const [by, setBy] = useState<By>("phone");
  const [digits, setDigits] = useState("");
  const [tried, setTried] = useState(false);
  const wrong = by === "phone" ? !/^01[0-9]{8,9}$/.test(digits) : digits.length < 8;
  const missing = by === "phone" ? who.phoneMissing : send.accountMissing;
  const go = (): void => (wrong ? setTried(true) : report(by, digits));
  return (
    <Screen
      name="loss-which"
      title={loss.whichTitle}
      back={back}
      problem={problem}
      action={{ label: loss.report, danger: true, busy, run: go }}
    >
      <Choices
        legend={loss.whichTitle}
        name="by"
        value={by}
        onChange={setBy}
        of={[
          { value: "phone", label: loss.byPhone },
          { value: "account", label: loss.byAccount },
        ]}
      />
      <Field
        label={by === "phone" ? loss.byPhone : loss.byAccount}
        testid="which"
        inputMode="numeric"
        value={digits}
        error={tried && wrong ? missing : null}
        onInput={(event) => {
          const typed = events.digits(event, 16);
          setDigits(typed);
          event.currentTarget.value = typed;
        }}
      />
    </Screen>
  );
}
