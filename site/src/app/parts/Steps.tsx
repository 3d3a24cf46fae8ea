import { useWords } from "../state/words.ts";

export type StepsOf = { readonly at: number; readonly names: readonly string[] };

/** Where one is in a flow; `at` counts from 1. */
export function Steps({ at, names }: StepsOf) {
  const words = useWords();
  return (
    <div class="steps" data-testid="steps">
      <span aria-hidden="true">{names[at - 1]}</span>
      <span class="hidden">
        {words.step(at, names.length)}: {names[at - 1]}
      </span>
      <span class="steps-bars" aria-hidden="true">
        {names.map((name, n) => (
          <span key={name} class={n < at ? "past" : ""} />
        ))}
      </span>
      <span aria-hidden="true">
        {at}/{names.length}
      </span>
    </div>
  );
}
