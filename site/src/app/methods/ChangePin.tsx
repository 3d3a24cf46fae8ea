import { useState } from "preact/hooks";

import { ChoosePin } from "../parts/ChoosePin.tsx";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useWords } from "../state/words.ts";
import { change } from "./change.ts";
import { Changing } from "./Changing.tsx";
import { NowPin } from "./NowPin.tsx";

/** PIN now, PIN new twice, changed. The old one holds until the last proof. */
export function ChangePin() {
  const { method } = useWords();
  const [now, setNow] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const { busy, problem, run } = useTask();
  const send = (next: string): void =>
    run(
      () => change("pin", now ?? "", next),
      () => setChanged(true),
      () => {
        setNow(null);
        return false;
      },
    );
  if (changed) {
    return (
      <DoneScreen
        name="pin-changed"
        title={method.pinDone}
        lead={method.doneLead}
        to="/certificate"
      />
    );
  }
  if (busy) return <Changing />;
  if (now === null) return <NowPin name="change-pin" problem={problem} take={setNow} />;
  return (
    <ChoosePin
      name="change-pin-new"
      title={method.newPin}
      againTitle={method.newPinAgain}
      owner={{ birth: null, phone: null, last: now }}
      onChosen={send}
    />
  );
}
