import { desk } from "./state/desk.ts";
import { route } from "./state/route.ts";
import { session } from "./state/session.ts";

/** Ends the session at the bank; here it ends also when the bank cannot be reached. */
export function signOut(): void {
  void desk.mine({ method: "DELETE", path: "/v1/sessions/current" });
  session.close();
  route.go("/");
}
