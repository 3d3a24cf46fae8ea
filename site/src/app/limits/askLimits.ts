import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import type { Limits } from "../wire.ts";

export function askLimits(): Promise<Outcome<Limits>> {
  return desk.mine<Limits>({ method: "GET", path: "/v1/limits" });
}
