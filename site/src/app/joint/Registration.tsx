import { useEffect } from "preact/hooks";

import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { route } from "../state/route.ts";
import type { Registered } from "./askRegistration.ts";
import { cmpCommands } from "./cmpCommands.ts";
import { Copied } from "./Copied.tsx";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";

type Of = { readonly of: Registered; readonly over: () => void };

const toList = (): void => route.replace("/joint");

/** Reference, code and address, as long as they are good for something. They are kept nowhere. */
export function Registration({ of, over }: Of) {
  const { program } = useJointWords();
  const left = useCountdown(of.expires_at);
  useEffect(() => {
    if (left === 0) over();
  }, [left]);
  return (
    <Screen
      name="joint-registration"
      title={program.title}
      lead={program.once}
      action={{ label: program.toList, run: toList, testid: "joint-registered" }}
    >
      <p class="note warn" role="timer" data-testid="registration-left">
        {program.left(Math.floor(left / 60), left % 60)}
      </p>
      <section class="card copied-list">
        <Copied name={program.reference} value={of.reference} quads testid="reference" />
        <Copied name={program.code} value={of.code} quads testid="code" />
        <Copied name={program.url} value={of.url} testid="url" />
      </section>
      <Help of={of} />
      <TestNote />
    </Screen>
  );
}

/** For a program that is told by a command line, and for one that makes no R. */
function Help({ of }: { readonly of: Registered }) {
  const { program } = useJointWords();
  return (
    <details class="note" data-testid="registration-help">
      <summary>{program.help}</summary>
      <div class="copied-list">
        <p>{program.helpLead}</p>
        <Copied name={program.commands} value={cmpCommands(of)} testid="commands" />
        <p>{program.randomLead}</p>
        <Copied name={program.random} value={of.random} testid="random" />
      </div>
    </details>
  );
}

/** Its time is up, and the code is forgotten. */
export function RegistrationOver({ again }: { readonly again: () => void }) {
  const { program } = useJointWords();
  return (
    <Screen
      name="joint-registration-over"
      title={program.over}
      lead={program.overLead}
      action={{ label: program.again, run: again }}
      foot={
        <button
          type="button"
          class="button second"
          onClick={toList}
          data-testid="joint-registered"
        >
          {program.toList}
        </button>
      }
    />
  );
}
