import type { Problem } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import type { Order } from "../wire.ts";

/** Why the bank did not send it, where it decided so. */
export function rejection({ outcome }: Order): Problem | null {
  if (outcome?.status !== "rejected") return null;
  return problem(outcome.problem.code, 200, outcome.problem);
}
