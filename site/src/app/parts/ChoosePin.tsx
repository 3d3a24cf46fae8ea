import { useState } from "preact/hooks";

import { problem } from "../../kit/problem.ts";
import { pinRefusal, type PinOwner } from "../../kit/pinRefusal.ts";
import type { Problem } from "../../kit/outcome.ts";
import { useWords } from "../state/words.ts";
import { Keypad } from "./Keypad.tsx";
import { Screen } from "./Screen.tsx";
import type { StepsOf } from "./Steps.tsx";

type Of = {
  readonly name: string;
  readonly title: string;
  readonly againTitle: string;
  readonly lead?: string;
  readonly steps?: StepsOf;
  readonly back?: string;
  readonly owner: PinOwner;
  readonly onChosen: (pin: string) => void;
};

/** A new PIN: chosen by the rules, then typed again. */
export function ChoosePin(of: Of) {
  const words = useWords();
  const [first, setFirst] = useState<string | null>(null);
  const [refused, refuse] = useState<Problem | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const take = (pin: string): void => {
    setReason(null);
    refuse(null);
    if (first === null) {
      const found = pinRefusal(pin, of.owner);
      return found === null ? setFirst(pin) : setReason(words.pins[found]);
    }
    setFirst(null);
    if (first === pin) of.onChosen(pin);
    else refuse(problem("pins_differ"));
  };
  const again = first !== null;
  const back = again ? () => setFirst(null) : of.back;
  return (
    <Screen
      name={again ? `${of.name}-again` : of.name}
      title={again ? of.againTitle : of.title}
      {...(of.lead === undefined ? {} : { lead: of.lead })}
      {...(of.steps === undefined ? {} : { steps: of.steps })}
      {...(back === undefined ? {} : { back })}
      problem={refused}
    >
      {reason !== null && (
        <p class="failure" role="alert" data-testid="pin-refused">
          <strong>{reason}</strong>
        </p>
      )}
      <Keypad key={String(again)} length={6} onDone={take} />
    </Screen>
  );
}
