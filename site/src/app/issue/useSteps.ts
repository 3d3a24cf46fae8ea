import type { StepsOf } from "../parts/Steps.tsx";
import { useWords } from "../state/words.ts";

/** The six steps of an issue, with `at` lit. */
export function useSteps(at: number): StepsOf {
  return { at, names: useWords().terms.steps };
}
