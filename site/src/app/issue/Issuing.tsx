import { useEffect, useState } from "preact/hooks";

import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { lastIssued } from "./lastIssued.ts";
import { issueKeys } from "./issueKeys.ts";
import { useSteps } from "./useSteps.ts";

/** The keys and certificates are made; each part is ticked off when it stands. */
export function Issuing() {
  const words = useWords();
  const { enrol } = words;
  const steps = useSteps(6);
  const [reached, setReached] = useState(0);
  const { busy, problem, run } = useTask();
  const repeating = useCell(desk.resending) > 1;
  const start = (): void => {
    const ready = flow.state.get()?.step === "done" || flow.secrets().pin !== null;
    if (!ready) return route.replace("/issue/pin");
    run(
      () => issueKeys(setReached),
      (value) => {
        lastIssued.set(value);
        // First away: without its state this screen would start over.
        route.replace("/issued");
        void flow.forget();
      },
    );
  };
  useEffect(start, []);
  return (
    <Screen
      name="issue-issuing"
      title={enrol.issuingTitle}
      lead={enrol.issuingLead}
      steps={steps}
      problem={problem}
      {...(problem === null
        ? {}
        : { action: { label: enrol.issuingAgain, busy, run: start, testid: "issue-again" } })}
    >
      <div class="waiting" role="status">
        {busy && <span class="spinner" aria-hidden="true" />}
        <ol class="tasks">
          {enrol.issuingTasks.map((task, n) => (
            <li key={task} class={n < reached ? "done" : n === reached ? "now" : ""}>
              <span class="tick" aria-hidden="true">
                {n < reached && <Icon name="check" />}
              </span>
              {task}
            </li>
          ))}
        </ol>
        {repeating && <p class="soft">{words.retrying}</p>}
      </div>
    </Screen>
  );
}
