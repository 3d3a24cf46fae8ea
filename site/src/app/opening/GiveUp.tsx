import { useState } from "preact/hooks";

import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";

/** Ends what was begun, at a second press; its pictures are erased. */
export function GiveUp() {
  const { opening } = useWords();
  const [sure, setSure] = useState(false);
  const end = (): void => void flow.giveUp().then(() => route.replace("/"));
  return (
    <>
      <p class={sure ? "soft" : "hidden"} role="status">
        {sure ? opening.giveUpSure : ""}
      </p>
      <button
        type="button"
        class="button quiet"
        onClick={() => (sure ? end() : setSure(true))}
        data-testid="give-up"
      >
        {sure ? opening.giveUpYes : opening.giveUp}
      </button>
    </>
  );
}
