import type { Problem } from "../../kit/outcome.ts";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";

type Of = {
  readonly name: string;
  readonly problem: Problem | null;
  readonly take: (pin: string) => void;
};

/** The PIN that holds now, asked before a change. */
export function NowPin({ name, problem, take }: Of) {
  const { method } = useWords();
  return (
    <Screen name={name} title={method.nowPin} back="/certificate" problem={problem}>
      <Keypad length={6} onDone={take} />
    </Screen>
  );
}
