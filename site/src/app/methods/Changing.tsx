import { Screen } from "../parts/Screen.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";

export function Changing() {
  const { method } = useWords();
  return (
    <Screen name="changing" title={method.changing}>
      <Waiting label={method.changing} />
    </Screen>
  );
}
