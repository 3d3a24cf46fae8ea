import { desk } from "./state/desk.ts";
import { route } from "./state/route.ts";
import { session } from "./state/session.ts";
import { draft } from "./transfer/draft.ts";

/**
 * Ends the session at the bank; here it ends also when the bank cannot be reached. What was typed
 * of a transfer goes with it; after a session that ended by itself it is still there.
 */
export function signOut(): void {
  void desk.mine({ method: "DELETE", path: "/v1/sessions/current" });
  session.close();
  draft.clear();
  route.go("/");
}
