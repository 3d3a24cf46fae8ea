import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Canonical } from "../../crypto/jcs.ts";
import type { Problem } from "../../kit/outcome.ts";
import { act } from "../act.ts";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";

type Act = { readonly type: string } & { readonly [name: string]: Canonical };

type Of = {
  readonly what: Act;
  /** What is sent where the bank adds what was shown and is signed. */
  readonly body?: Act;
  readonly done: string;
  /** What came of it, shown under the seal. */
  readonly outcome?: ComponentChildren;
  readonly to: string;
  readonly back: () => void;
  /** Whose screens they are called. */
  readonly area?: "safeguard" | "limits";
  /** Leads to the identity check where the bank wants one first. */
  readonly identify?: () => void;
};

const WHO_FIRST: ReadonlySet<string> = new Set(["identity_needed", "raise_needs_identity"]);

/** The PIN signs an act, and the seal is pressed. */
export function Sign(of: Of) {
  const { what, body = what, done, to, back, area = "safeguard", identify } = of;
  const { guard } = useWords();
  const { busy, problem, run } = useTask();
  const [signed, setSigned] = useState(false);
  const first = ({ code }: Problem): boolean => {
    if (identify === undefined || !WHO_FIRST.has(code)) return false;
    identify();
    return true;
  };
  if (signed) {
    return (
      <DoneScreen name={`${area}-done`} title={done} to={to}>
        {of.outcome}
      </DoneScreen>
    );
  }
  return (
    <Screen name={`${area}-pin`} title={guard.sign} back={back} problem={problem}>
      {busy ? (
        <Waiting />
      ) : (
        <Keypad
          length={6}
          onDone={(pin) =>
            run(
              () => act(what, pin, body),
              () => setSigned(true),
              first,
            )
          }
        />
      )}
    </Screen>
  );
}
