import { moment } from "../../words/moment.ts";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { useWords } from "../state/words.ts";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { Op } from "./wire.ts";

/** It is done; until when it is valid, where there is something valid. */
export function JointDone({
  op,
  until = null,
}: {
  readonly op: Exclude<Op, "register">;
  readonly until?: number | null;
}) {
  const joint = useJointWords();
  const { lang } = useWords();
  return (
    <DoneScreen
      name={`joint-done-${op}`}
      title={joint.done[op] ?? op}
      lead={until === null ? joint.revokedLead : joint.doneLead(moment.full(until, lang))}
      to="/joint"
    >
      {until !== null && <TestNote />}
    </DoneScreen>
  );
}
