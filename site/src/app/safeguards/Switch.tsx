import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import type { SafeguardName, Safeguards } from "../wire.ts";
import { Sign } from "./Sign.tsx";
import { weakens } from "./weakens.ts";
import { wish as kept } from "../opening/wish.ts";

type Of = {
  readonly name: SafeguardName;
  readonly of: Safeguards;
  /** Its own address, for who comes back identified. */
  readonly at: string;
  readonly title: string;
  readonly lead: string;
  readonly hint: string;
  readonly foot?: ComponentChildren;
};

/** A safeguard that is on or off. */
export function Switch({ name, of, at, title, lead, hint, foot }: Of) {
  const words = useWords();
  const { guard } = words;
  const now = of[name].value;
  const [wish, setWish] = useState(kept.of(name) ?? now);
  useEffect(kept.forget, []);
  const [signing, setSigning] = useState(false);
  if (signing) {
    return (
      <Sign
        what={{ type: "safeguards", [name]: wish }}
        done={guard.saved}
        to="/safeguards"
        back={() => setSigning(false)}
        identify={() => kept.identifyFirst({ [name]: wish }, at)}
      />
    );
  }
  return (
    <Screen
      name={`safeguard-${name.replaceAll("_", "-")}`}
      title={title}
      lead={lead}
      back="/safeguards"
      action={{
        label: guard.change,
        busy: wish === now,
        run: () =>
          weakens(of, { [name]: wish }) && !of.identified
            ? kept.identifyFirst({ [name]: wish }, at)
            : setSigning(true),
        testid: "change",
      }}
      foot={foot}
    >
      <Choices
        legend={title}
        name={name}
        value={String(wish)}
        onChange={(next) => setWish(Number(next))}
        of={[
          { value: "1", label: guard.on },
          { value: "0", label: guard.off },
        ]}
      />
      {hint !== "" && <p class="note">{hint}</p>}
    </Screen>
  );
}
