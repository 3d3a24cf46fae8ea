import { useState } from "preact/hooks";

import { ChoosePattern } from "../parts/ChoosePattern.tsx";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useWords } from "../state/words.ts";
import { change } from "./change.ts";
import { Changing } from "./Changing.tsx";
import { NowPin } from "./NowPin.tsx";

/** PIN now, pattern new twice, changed. This is also how a pattern that is off comes back. */
export function ChangePattern() {
  const { method } = useWords();
  const [pin, setPin] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const { busy, problem, run } = useTask();
  const send = (next: string): void =>
    run(
      () => change("pattern", pin ?? "", next),
      () => setChanged(true),
      () => {
        setPin(null);
        return false;
      },
    );
  if (changed) {
    return (
      <DoneScreen
        name="pattern-changed"
        title={method.patternDone}
        lead={method.doneLead}
        to="/certificate"
      />
    );
  }
  if (busy) return <Changing />;
  if (pin === null) return <NowPin name="change-pattern" problem={problem} take={setPin} />;
  return (
    <ChoosePattern
      name="change-pattern-new"
      title={method.newPattern}
      againTitle={method.newPatternAgain}
      back="/certificate"
      onChosen={send}
    />
  );
}
