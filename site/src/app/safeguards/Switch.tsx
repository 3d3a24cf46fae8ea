import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import type { SafeguardName } from "../wire.ts";
import { Sign } from "./Sign.tsx";

type Of = {
  readonly name: SafeguardName;
  readonly now: number;
  readonly title: string;
  readonly lead: string;
  readonly hint: string;
  readonly foot?: ComponentChildren;
};

/** A safeguard that is on or off. */
export function Switch({ name, now, title, lead, hint, foot }: Of) {
  const words = useWords();
  const { guard } = words;
  const [wish, setWish] = useState(now);
  const [signing, setSigning] = useState(false);
  if (signing) {
    return (
      <Sign
        what={{ type: "safeguards", [name]: wish }}
        done={guard.saved}
        to="/safeguards"
        back={() => setSigning(false)}
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
        run: () => setSigning(true),
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
