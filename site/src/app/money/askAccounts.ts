import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import type { Account } from "../wire.ts";

export function askAccounts(): Promise<Outcome<{ readonly accounts: readonly Account[] }>> {
  return desk.mine({ method: "GET", path: "/v1/accounts" });
}
