import { useEffect, useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { won } from "../../kit/won.ts";
import { wish } from "../opening/wish.ts";
import { Facts } from "../parts/Facts.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { Sign } from "../safeguards/Sign.tsx";
import { useWords } from "../state/words.ts";
import type { Limits } from "../wire.ts";
import { askLimits } from "./askLimits.ts";
import { type Figures, judge } from "./judge.ts";

const HERE = "/limits/change";
const DIGITS_MAX = 12;

/** Lowering takes effect at once, with the PIN; raising asks first who one is. */
export function Change() {
  const { limit } = useWords();
  const { value, problem } = useLoad(askLimits);
  if (value !== null) return <Ask now={value} />;
  return (
    <Screen name="limits-change" title={limit.changeTitle} back="/limits" problem={problem}>
      {problem === null && <Waiting />}
    </Screen>
  );
}

/** The old figures and the new ones, as they were signed. */
function Changed({ from, to }: { readonly from: Figures; readonly to: Figures }) {
  const { limit, ...words } = useWords();
  const told = (was: number, is: number): string => {
    const [before, after] = [words.won(won.digits(was)), words.won(won.digits(is))];
    return was === is ? limit.unchanged(after) : limit.fromTo(before, after);
  };
  return (
    <Facts
      testid="limits-changed"
      of={[
        [limit.perTransfer, told(from.per_transfer, to.per_transfer)],
        [limit.perDay, told(from.per_day, to.per_day)],
      ]}
    />
  );
}

/** The digits one typed, shown again by threes, also where they are the same as before. */
function typed(event: InputEvent & { currentTarget: HTMLInputElement }): string {
  const digits = events.digits(event, DIGITS_MAX);
  const amount = won.parse(digits);
  event.currentTarget.value = amount === null ? "" : won.digits(amount);
  return digits;
}

function Ask({ now }: { readonly now: Limits }) {
  const words = useWords();
  const { limit } = words;
  const [transfer, setTransfer] = useState(String(wish.of("per_transfer") ?? now.per_transfer));
  const [day, setDay] = useState(String(wish.of("per_day") ?? now.per_day));
  const [tried, setTried] = useState(false);
  const [signing, sign] = useState<Figures | null>(null);
  useEffect(wish.forget, []);
  if (signing !== null) {
    return (
      <Sign
        area="limits"
        what={{ type: "limits", ...signing }}
        done={limit.doneTitle}
        outcome={<Changed from={now} to={signing} />}
        to="/limits"
        back={() => sign(null)}
        identify={() => wish.identifyFirst(signing, HERE)}
      />
    );
  }
  const one = won.parse(transfer);
  const all = won.parse(day);
  const judged = judge(now, { per_transfer: one, per_day: all });
  const go = (): void => {
    setTried(true);
    if (judged.transfer !== null || judged.day !== null || one === null || all === null) return;
    const wanted = { per_transfer: one, per_day: all };
    if (judged.raises && !now.identified) return wish.identifyFirst(wanted, HERE);
    sign(wanted);
  };
  const amount = (one: number): string => words.won(won.digits(one));
  const error = (wrong: keyof typeof limit.wrong | null, most: number): string | null =>
    tried && wrong !== null ? limit.wrong[wrong](amount(most)) : null;
  return (
    <Screen
      name="limits-change"
      title={limit.changeTitle}
      lead={limit.changeLead}
      back="/limits"
      action={{ label: words.next, run: go }}
    >
      <Field
        label={limit.newPerTransfer}
        testid="per-transfer"
        inputMode="numeric"
        value={one === null ? "" : won.digits(one)}
        hint={one === null ? undefined : words.reading(one)}
        error={error(judged.transfer, now.most.per_transfer)}
        onInput={(event) => setTransfer(typed(event))}
      />
      <Field
        label={limit.newPerDay}
        testid="per-day"
        inputMode="numeric"
        value={all === null ? "" : won.digits(all)}
        hint={all === null ? undefined : words.reading(all)}
        error={error(judged.day, now.most.per_day)}
        onInput={(event) => setDay(typed(event))}
      />
      <p class="note">{limit.most(amount(now.most.per_transfer), amount(now.most.per_day))}</p>
    </Screen>
  );
}
