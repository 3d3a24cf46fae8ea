import { useState } from "preact/hooks";

import { ChoosePin } from "../parts/ChoosePin.tsx";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import { change } from "./change.ts";
import { Changing } from "./Changing.tsx";
import { NowPin } from "./NowPin.tsx";

type PinRules = { readonly birth_date: string; readonly phone: string };

/** PIN now, PIN new twice, changed. The old one holds until the last proof. */
export function ChangePin() {
  const { method } = useWords();
  const [now, setNow] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const { busy, problem, run } = useTask();
  // Refused after a login by pattern or passkey; then the rules that need no data still hold.
  const rules = useLoad(() =>
    desk.mine<PinRules>({ method: "GET", path: "/v1/pin-rules" }),
  ).value;
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
      owner={{ birth: rules?.birth_date ?? null, phone: rules?.phone ?? null, last: now }}
      onChosen={send}
    />
  );
}
