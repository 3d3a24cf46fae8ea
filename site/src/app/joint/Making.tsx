import { useEffect, useState } from "preact/hooks";

import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useWords } from "../state/words.ts";
import { requestKey, type Requested, type Wish } from "./requestKey.ts";
import { useJointWords } from "./useJointWords.ts";

type Of = {
  readonly wish: Omit<Wish, "reached">;
  readonly back: () => void;
  readonly made: (asked: Requested) => void;
};

/** The key is made and asked for; each stage is ticked off when it stands. */
export function Making({ wish, back, made }: Of) {
  const words = useWords();
  const joint = useJointWords();
  const [stages, reached] = useState(0);
  const { busy, problem, run } = useTask();
  const start = (): void => run(() => requestKey({ ...wish, reached }), made);
  useEffect(start, []);
  return (
    <Screen
      name="joint-making"
      title={joint.makingTitle}
      lead={joint.makingLead}
      steps={{ at: 2, names: joint.steps }}
      problem={problem}
      {...(problem === null ? {} : { back, action: { label: words.again, busy, run: start } })}
    >
      <div class="waiting" role="status">
        {busy && <span class="spinner" aria-hidden="true" />}
        <ol class="tasks">
          {joint.stages.map((stage, n) => (
            <li key={stage} class={n < stages ? "done" : n === stages ? "now" : ""}>
              <span class="tick" aria-hidden="true">
                {n < stages && <Icon name="check" />}
              </span>
              {stage}
            </li>
          ))}
        </ol>
      </div>
    </Screen>
  );
}
