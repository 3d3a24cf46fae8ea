import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import type { Safeguards } from "../wire.ts";

export function askSafeguards(): Promise<Outcome<Safeguards>> {
  return desk.mine<Safeguards>({ method: "GET", path: "/v1/safeguards" });
}
