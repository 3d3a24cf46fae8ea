import type { Problem } from "./outcome.ts";

/** A refusal as a value; `status` 0 means that no answer came. */
export function problem(
  code: string,
  status = 0,
  details: Readonly<Record<string, unknown>> = {},
): Problem {
  return { ok: false, code, status, details };
}
