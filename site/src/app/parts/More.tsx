import { useWords } from "../state/words.ts";

/** The button that fetches the next page, while there is one. */
export function More({ more }: { readonly more: (() => void) | null }) {
  const words = useWords();
  if (more === null) return null;
  return (
    <button type="button" class="button second" onClick={more} data-testid="more">
      {words.more}
    </button>
  );
}
