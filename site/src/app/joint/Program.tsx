import { useState } from "preact/hooks";

import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { askRegistration, register, type Asked, type Registered } from "./askRegistration.ts";
import { Confirm } from "./Confirm.tsx";
import { Lines } from "./Lines.tsx";
import { Registration, RegistrationOver } from "./Registration.tsx";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { JointBook } from "./wire.ts";

type Step =
  | { readonly at: "about" | "over" }
  | { readonly at: "confirm"; readonly asked: Asked }
  | { readonly at: "registered"; readonly registered: Registered };

/** A certificate whose key a program on a PC makes: explained, signed, and then the code for it. */
export function Program({ book }: { readonly book: JointBook }) {
  const [step, go] = useState<Step>({ at: "about" });
  const about = (): void => go({ at: "about" });
  switch (step.at) {
    case "about":
      return <About book={book} asked={(asked) => go({ at: "confirm", asked })} />;
    case "confirm":
      return (
        <Confirm
          request={step.asked.request}
          sent={step.asked.sent}
          back={about}
          sign={(pin) => register(step.asked, pin)}
          signed={(registered) => go({ at: "registered", registered })}
        />
      );
    case "registered":
      return <Registration of={step.registered} over={() => go({ at: "over" })} />;
    case "over":
      return <RegistrationOver again={about} />;
  }
}

type AboutOf = { readonly book: JointBook; readonly asked: (asked: Asked) => void };

function About({ book, asked }: AboutOf) {
  const joint = useJointWords();
  const { busy, problem, run } = useTask();
  return (
    <Screen
      name="joint-about-register"
      title={joint.ops["register"] ?? ""}
      lead={joint.program.lead}
      back="/joint"
      problem={problem}
      action={{ label: joint.begin, busy, run: () => run(() => askRegistration(book), asked) }}
    >
      <Lines of={joint.program.about} />
      <TestNote notice={book.issuer.notice} />
    </Screen>
  );
}
