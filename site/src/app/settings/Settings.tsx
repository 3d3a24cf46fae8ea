import { useEffect, useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { persisted } from "../../phone/persisted.ts";
import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";

/** What the customer chooses for this browser. */
export function Settings() {
  const words = useWords();
  const { set } = words;
  const { locale, shuffle } = useCell(settings.cell);
  return (
    <Screen name="settings" title={set.title} back="/">
      <h2>{set.language}</h2>
      <Choices
        legend={set.language}
        name="locale"
        value={locale}
        onChange={(next) => settings.change({ locale: next })}
        of={[
          { value: "ko", label: "한국어" },
          { value: "en", label: "English" },
        ]}
      />
      <label class="choice">
        <input
          type="checkbox"
          checked={shuffle}
          data-testid="shuffle"
          onChange={(event) => settings.change({ shuffle: events.checked(event) })}
        />
        <span class="choice-text">
          {set.shuffle}
          <small>{set.shuffleHint}</small>
        </span>
      </label>
      <section class="note">
        <h3>{set.textSize}</h3>
        <p>{set.textSizeHint}</p>
      </section>
      <section class="note">
        <h3>{set.install}</h3>
        <p>{set.installHint}</p>
      </section>
      <Storage />
    </Screen>
  );
}

function Storage() {
  const { set } = useWords();
  const [lasting, setLasting] = useState<boolean | null>(null);
  useEffect(() => {
    const asked = navigator.storage?.persisted?.() ?? Promise.resolve(false);
    void asked.then(setLasting);
  }, []);
  const ask = (): void =>
    void persisted(navigator.storage).then((answer) => setLasting(answer === "lasting"));
  return (
    <section class="note">
      <h3>{set.storage}</h3>
      <p role="status">{lasting === true ? set.storageKept : set.storageWeak}</p>
      {lasting === false && (
        <button type="button" class="button second small" onClick={ask} data-testid="persist">
          {set.storageAsk}
        </button>
      )}
    </section>
  );
}
