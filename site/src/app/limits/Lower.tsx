import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { won } from "../../kit/won.ts";
import { act } from "../act.ts";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { Field } from "../parts/Field.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import type { Limits } from "../wire.ts";

type Wanted = { readonly per_transfer: number; readonly per_day: number };

/** Lowering takes effect at once, with the PIN; raising needs an identity check. */
export function Lower() {
  const words = useWords();
  const { value, problem } = useLoad(() =>
    desk.mine<Limits>({ method: "GET", path: "/v1/limits" }),
  );
  const [wanted, want] = useState<Wanted | null>(null);
  const [lowered, setLowered] = useState(false);
  if (lowered)
    return <DoneScreen name="limits-lowered" title={words.limit.doneTitle} to="/limits" />;
  if (wanted !== null) {
    return <Sign wanted={wanted} back={() => want(null)} lowered={() => setLowered(true)} />;
  }
  if (value !== null) return <Ask now={value} want={want} />;
  return (
    <Screen name="limits-lower" title={words.limit.lowerTitle} back="/limits" problem={problem}>
      {problem === null && <Waiting />}
    </Screen>
  );
}

function Ask({ now, want }: { readonly now: Limits; readonly want: (wanted: Wanted) => void }) {
  const words = useWords();
  const { limit } = words;
  const [transfer, setTransfer] = useState(String(now.per_transfer));
  const [day, setDay] = useState(String(now.per_day));
  const [tried, setTried] = useState(false);
  const one = won.parse(transfer);
  const all = won.parse(day);
  const high = one === null || one > now.per_transfer;
  const dayHigh = all === null || all > now.per_day;
  const unequal = one !== null && all !== null && all < one;
  const same = one === now.per_transfer && all === now.per_day;
  const go = (): void => {
    setTried(true);
    if (high || dayHigh || unequal || same || one === null || all === null) return;
    want({ per_transfer: one, per_day: all });
  };
  const dayError = dayHigh ? limit.tooHigh : unequal ? limit.perDayLess : null;
  return (
    <Screen
      name="limits-lower"
      title={limit.lowerTitle}
      lead={limit.lowerLead}
      back="/limits"
      action={{ label: words.next, run: go }}
    >
      <Field
        label={limit.newPerTransfer}
        testid="per-transfer"
        inputMode="numeric"
        value={transfer}
        hint={one === null ? undefined : words.reading(one)}
        error={tried && (high || same) ? limit.tooHigh : null}
        onInput={(event) => setTransfer(events.digits(event, 12))}
      />
      <Field
        label={limit.newPerDay}
        testid="per-day"
        inputMode="numeric"
        value={day}
        hint={all === null ? undefined : words.reading(all)}
        error={tried ? dayError : null}
        onInput={(event) => setDay(events.digits(event, 12))}
      />
    </Screen>
  );
}

type SignOf = {
  readonly wanted: Wanted;
  readonly back: () => void;
  readonly lowered: () => void;
};

function Sign({ wanted, back, lowered }: SignOf) {
  const { limit } = useWords();
  const { busy, problem, run } = useTask();
  return (
    <Screen name="limits-pin" title={limit.pinTitle} back={back} problem={problem}>
      {busy ? (
        <Waiting />
      ) : (
        <Keypad
          length={6}
          onDone={(pin) => run(() => act({ type: "limits", ...wanted }, pin), lowered)}
        />
      )}
    </Screen>
  );
}
