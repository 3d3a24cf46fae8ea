import { useEffect, useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import type { Safeguards } from "../wire.ts";
import { Sign } from "./Sign.tsx";
import { weakens } from "./weakens.ts";
import { wish } from "../opening/wish.ts";

const HOURS = [3, 6, 12, 24, 48];

/** Delayed transfer: how long, and whether designated payees wait too. */
export function Delay({ of }: { readonly of: Safeguards }) {
  const { guard } = useWords();
  const { rules } = of;
  const now = { hours: of.delay_hours.value, spares: of.delay_spares_designated.value };
  const [hours, setHours] = useState(wish.of("delay_hours") ?? now.hours);
  const [spares, setSpares] = useState(wish.of("delay_spares_designated") ?? now.spares);
  const [signing, setSigning] = useState(false);
  useEffect(wish.forget, []);
  const wishes = { delay_hours: hours, delay_spares_designated: spares };
  const identify = (): void => wish.identifyFirst(wishes, "/safeguards/delay");
  if (signing) {
    const what = { type: "safeguards", ...wishes };
    return (
      <Sign
        what={what}
        done={guard.saved}
        to="/safeguards"
        back={() => setSigning(false)}
        identify={identify}
      />
    );
  }
  const offered = HOURS.filter(
    (one) => one >= rules.delay_hours_min && one <= rules.delay_hours_max,
  );
  const all = [...new Set([...offered, now.hours])].filter((one) => one > 0).sort((a, b) => a - b);
  return (
    <Screen
      name="safeguard-delay"
      title={guard.delay}
      lead={guard.delayLead}
      back="/safeguards"
      action={{
        label: guard.change,
        busy: hours === now.hours && spares === now.spares,
        run: () =>
          weakens(of, wishes) && !of.identified
            ? identify()
            : setSigning(true),
        testid: "change",
      }}
    >
      <h2>{guard.delayChoose}</h2>
      <Choices
        grid
        legend={guard.delayChoose}
        name="delay"
        value={String(hours)}
        onChange={(next) => setHours(Number(next))}
        of={[
          { value: "0", label: guard.delayNone },
          ...all.map((one) => ({ value: String(one), label: guard.delayIs(one) })),
        ]}
      />
      <label class="choice">
        <input
          type="checkbox"
          checked={spares === 1}
          data-testid="delay-spares"
          onChange={(event) => setSpares(events.checked(event) ? 1 : 0)}
        />
        <span class="choice-text">
          {guard.spares}
          <small>{guard.sparesHint}</small>
        </span>
      </label>
      <section class="note">
        <p>{guard.delayCancel(rules.cancel_before_minutes)}</p>
        <p>{guard.waits(rules.delay_off_hours)}</p>
      </section>
    </Screen>
  );
}
