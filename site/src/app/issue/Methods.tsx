import { useEffect } from "preact/hooks";

import { ChoosePattern } from "../parts/ChoosePattern.tsx";
import { ChoosePin } from "../parts/ChoosePin.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { useSteps } from "./useSteps.ts";

/** The PIN, twice, by the bank's rules, which only the phone can check. */
export function MakePin() {
  const { enrol } = useWords();
  const steps = useSteps(5);
  const rules = useCell(flow.state)?.pin_rules;
  return (
    <ChoosePin
      name="issue-pin"
      title={enrol.pinTitle}
      againTitle={enrol.pinAgainTitle}
      lead={enrol.pinLead}
      steps={steps}
      owner={{ birth: rules?.birth_date ?? null, phone: rules?.phone ?? null, last: null }}
      onChosen={(pin) => {
        flow.choose({ pin });
        route.go("/issue/pattern");
      }}
    />
  );
}

/** The pattern, twice. */
export function MakePattern() {
  const { enrol } = useWords();
  const steps = useSteps(5);
  useEffect(() => {
    if (flow.secrets().pin === null) route.replace("/issue/pin");
  }, []);
  return (
    <ChoosePattern
      name="issue-pattern"
      title={enrol.patternTitle}
      againTitle={enrol.patternAgainTitle}
      lead={enrol.patternLead}
      steps={steps}
      back="/issue/pin"
      onChosen={(pattern) => {
        flow.choose({ pattern });
        route.replace("/issue/issuing");
      }}
    />
  );
}
