import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { JointBook, MakingOp } from "./wire.ts";

type Of = {
  readonly book: JointBook;
  readonly op: MakingOp;
  readonly back: string;
  readonly next: () => void;
};

/** What is going to happen, and what kind of certificate comes of it. */
export function About({ book, op, back, next }: Of) {
  const joint = useJointWords();
  return (
    <Screen
      name={`joint-about-${op}`}
      title={joint.ops[op] ?? op}
      lead={joint.lead}
      steps={{ at: 1, names: joint.steps }}
      back={back}
      action={{ label: joint.begin, run: next }}
    >
      <section class="card">
        <ul class="tasks">
          {joint.about[op](book.rules.years).map((line) => (
            <li key={line}>
              <span class="tick" aria-hidden="true">
                <Icon name="check" />
              </span>
              {line}
            </li>
          ))}
        </ul>
      </section>
      <TestNote notice={book.issuer.notice} />
    </Screen>
  );
}
