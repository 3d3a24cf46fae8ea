import { useState } from "preact/hooks";

import type { Outcome } from "../../kit/outcome.ts";
import { problem as refusal } from "../../kit/problem.ts";
import { moment } from "../../words/moment.ts";
import { Facts, type Fact } from "../parts/Facts.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Fields } from "../wire.ts";
import { shownOf, type Sent } from "./shownOf.ts";
import { useJointWords } from "./useJointWords.ts";
import type { JointRequest } from "./wire.ts";

type Of<T> = {
  readonly request: JointRequest;
  readonly sent: Sent;
  readonly steps?: boolean;
  readonly back: () => void;
  readonly sign: (pin: string) => Promise<Outcome<T>>;
  readonly signed: (value: T) => void;
};

/** Exactly what is going to be signed, and then the PIN. */
export function Confirm<T>({ request, sent, steps = false, back, sign, signed }: Of<T>) {
  const joint = useJointWords();
  const [agreed, agree] = useState(false);
  const { busy, problem, run } = useTask();
  const shown = shownOf(request, sent);
  const at = (step: number) => (steps ? { steps: { at: step, names: joint.steps } } : {});
  if (!agreed || shown === null) {
    return (
      <Screen
        name="joint-confirm"
        title={joint.confirmTitle}
        lead={joint.confirmLead}
        {...at(3)}
        back={back}
        problem={shown === null ? refusal("message_differs") : null}
        {...(shown === null ? {} : { action: { label: joint.sign, run: () => agree(true) } })}
      >
        {shown !== null && <Shown of={shown} fields={request.request?.fields ?? {}} />}
      </Screen>
    );
  }
  return (
    <Screen
      name="joint-pin"
      title={joint.pinTitle}
      {...at(4)}
      back={() => agree(false)}
      problem={problem}
    >
      {busy ? (
        <Waiting label={joint.finishing} />
      ) : (
        <Keypad length={6} onDone={(pin) => run(() => sign(pin), signed)} />
      )}
    </Screen>
  );
}

type Shown = { readonly [name: string]: string | number };

function Shown({ of, fields }: { readonly of: Shown; readonly fields: Fields }) {
  const joint = useJointWords();
  const { lang, send } = useWords();
  const text = (name: string): string => String(of[name] ?? "");
  const end = Number(of["not_after"]);
  const { facts } = joint;
  const told: readonly Fact[] = [
    [facts.op, joint.ops[text("op")] ?? text("op")],
    [facts.name, <span class="mono">{text("common_name")}</span>],
    ...(text("serial") === "" ? [] : [[facts.target, text("serial")] as const]),
    ...(end === 0 ? [] : [[facts.newEnd, moment.full(end, lang)] as const]),
    ...(text("reason") === ""
      ? []
      : [[facts.reason, joint.reasons[text("reason")] ?? text("reason")] as const]),
  ];
  return (
    <>
      <section class="card">
        <Facts testid="joint-act" of={told} />
      </section>
      <details class="note" data-testid="joint-fields">
        <summary>{joint.allFields}</summary>
        <Facts
          of={Object.entries(fields).map(([name, value]) => [
            joint.fields[name] ?? send.fields[name] ?? name,
            <span class="mono">{String(value) || "-"}</span>,
          ])}
        />
      </details>
    </>
  );
}
