import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { useSteps } from "./useSteps.ts";

interface Place {
  readonly name: string;
  readonly step: number;
  readonly title: string;
  readonly hint: string;
  readonly back: string;
  readonly next: string;
}

/** The question for a name: the telecom operator's, or the one for internet banking. */
export function NameStep(place: Place) {
  const words = useWords();
  const steps = useSteps(place.step);
  const { name } = useCell(flow.draft);
  const [tried, setTried] = useState(false);
  const empty = name.trim() === "";
  const go = (): void => (empty ? setTried(true) : route.go(place.next));
  return (
    <Screen
      name={place.name}
      title={place.title}
      steps={steps}
      back={place.back}
      action={{ label: words.next, run: go }}
    >
      <Field
        label={words.who.nameLabel}
        hint={place.hint}
        testid="name"
        value={name}
        autocomplete="name"
        maxLength={40}
        error={tried && empty ? words.who.nameMissing : null}
        onInput={(event) => flow.fill({ name: events.value(event) })}
      />
    </Screen>
  );
}
