import type { StepsOf } from "../parts/Steps.tsx";
import { useCell } from "../state/cell.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";

/** Where one is: the phone, each check, the questions, the password. */
export function useSteps(): StepsOf {
  const { opening } = useWords();
  const state = useCell(flow.state);
  if (state === null) return { at: 1, names: [opening.steps.phone] };
  const checks = state.checks.map(({ any_of }) =>
    any_of.length > 1 ? opening.steps.second : (opening.checks[any_of[0] ?? ""] ?? ""),
  );
  const account = state.goal === "account" ? [opening.steps.purpose] : [];
  const names = [opening.steps.phone, ...checks, ...account, opening.steps.password];
  const passed = state.checks.filter(({ done }) => done !== null).length;
  const at: Readonly<Record<string, number>> = {
    phone: 1,
    sms_code: 1,
    check: 2 + passed,
    purpose: 2 + checks.length,
  };
  return { at: at[state.step] ?? names.length, names };
}
