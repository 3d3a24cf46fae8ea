import type { StepsOf } from "../parts/Steps.tsx";
import { useWords } from "../state/words.ts";

/** The five steps of a transfer, with `at` lit. */
export function useSendSteps(at: number): StepsOf {
  return { at, names: useWords().send.steps };
}
