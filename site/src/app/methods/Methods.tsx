import type { Route } from "../state/route.ts";
import { ChangePattern } from "./ChangePattern.tsx";
import { ChangePin } from "./ChangePin.tsx";
import { Passkeys } from "./Passkeys.tsx";

/** Ways to prove oneself: PIN, pattern, passkeys. */
export function Methods({ at }: { readonly at: Route }) {
  if (at[1] === "pattern") return <ChangePattern />;
  return at[1] === "passkeys" ? <Passkeys /> : <ChangePin />;
}
