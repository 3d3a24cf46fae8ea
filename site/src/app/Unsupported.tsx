import { Screen } from "./parts/Screen.tsx";
import { Seal } from "./parts/Seal.tsx";
import { useWords } from "./state/words.ts";

/** A browser that cannot keep a certificate safe is told so, before anything is typed. */
export function Unsupported({ missing }: { readonly missing: readonly string[] }) {
  const words = useWords();
  return (
    <div class="house">
      <Screen name="unsupported" title={words.unsupported.title} lead={words.unsupported.lead}>
        <Seal class="stamp" />
        <p>{words.unsupported.todo}</p>
        <p class="note">
          {words.unsupported.missing}: {missing.join(", ")}
        </p>
      </Screen>
    </div>
  );
}
