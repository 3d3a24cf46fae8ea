import { useEffect, useState } from "preact/hooks";

import { persisted } from "../../phone/persisted.ts";
import { useHere } from "../home/useHere.ts";
import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";

/** What one needs, and whether this browser keeps what it is given. */
export function Intro() {
  const words = useWords();
  const { terms } = words;
  const reissue = useHere()?.certificate === true;
  const [lasting, setLasting] = useState<boolean | null>(null);
  useEffect(() => {
    const answered = persisted(navigator.storage).catch(() => "may_be_cleared" as const);
    void answered.then((answer) => setLasting(answer === "lasting"));
  }, []);
  const begin = (): void => void flow.forget().then(() => route.go("/issue/terms"));
  return (
    <Screen
      name="issue"
      title={reissue ? terms.reissueTitle : terms.introTitle}
      lead={terms.introLead}
      back="/"
      action={{ label: terms.begin, run: begin }}
    >
      <section class="card">
        <h2>{terms.needTitle}</h2>
        <ul class="tasks">
          {terms.need.map((line) => (
            <li key={line}>
              <span class="tick" aria-hidden="true">
                <Icon name="check" />
              </span>
              {line}
            </li>
          ))}
        </ul>
      </section>
      {reissue && <p class="note warn">{terms.reissueNote}</p>}
      <section class="note" data-testid="storage">
        <h3>{terms.storageTitle}</h3>
        {lasting !== null && <p>{lasting ? terms.storageKept : terms.storageLost}</p>}
      </section>
    </Screen>
  );
}
