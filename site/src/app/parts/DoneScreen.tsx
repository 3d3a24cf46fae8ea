import type { ComponentChildren } from "preact";

import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { Screen } from "./Screen.tsx";
import { Seal } from "./Seal.tsx";

type Of = {
  readonly name: string;
  readonly title: string;
  readonly lead?: string;
  readonly to: string;
  readonly children?: ComponentChildren;
};

/** It is done: the seal is pressed. */
export function DoneScreen({ name, title, lead, to, children }: Of) {
  const words = useWords();
  return (
    <Screen
      name={name}
      title={title}
      lead={lead}
      action={{ label: words.ok, run: () => route.replace(to), testid: "done" }}
    >
      <Seal class="stamp" />
      {children}
    </Screen>
  );
}
