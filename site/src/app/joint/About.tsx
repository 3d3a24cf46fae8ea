import { Screen } from "../parts/Screen.tsx";
import { Lines } from "./Lines.tsx";
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
      <Lines of={joint.about[op](book.rules.years)} />
      <TestNote notice={book.issuer.notice} />
    </Screen>
  );
}
