import { useState } from "preact/hooks";

import { problem } from "../../kit/problem.ts";
import type { Problem } from "../../kit/outcome.ts";
import { PatternPad } from "./PatternPad.tsx";
import { Screen } from "./Screen.tsx";
import type { StepsOf } from "./Steps.tsx";

type Of = {
  readonly name: string;
  readonly title: string;
  readonly againTitle: string;
  readonly lead?: string;
  readonly steps?: StepsOf;
  readonly back: string;
  readonly onChosen: (pattern: string) => void;
};

/** A new pattern: drawn, then drawn again. */
export function ChoosePattern(of: Of) {
  const [first, setFirst] = useState<string | null>(null);
  const [refused, refuse] = useState<Problem | null>(null);
  const take = (drawn: string): void => {
    refuse(null);
    if (first === null) return setFirst(drawn);
    setFirst(null);
    if (first === drawn) of.onChosen(drawn);
    else refuse(problem("patterns_differ"));
  };
  const again = first !== null;
  return (
    <Screen
      name={again ? `${of.name}-again` : of.name}
      title={again ? of.againTitle : of.title}
      {...(of.lead === undefined ? {} : { lead: of.lead })}
      {...(of.steps === undefined ? {} : { steps: of.steps })}
      back={again ? () => setFirst(null) : of.back}
      problem={refused}
    >
      <PatternPad key={String(again)} onDone={take} />
    </Screen>
  );
}
