import type { Route } from "../state/route.ts";
import { Details } from "./Details.tsx";
import { History } from "./History.tsx";
import { Revoke } from "./Revoke.tsx";

/** The customer's certificate: what it is, when it was used, and its end. */
export function Certificate({ at }: { readonly at: Route }) {
  if (at[1] === "history") return <History />;
  return at[1] === "revoke" ? <Revoke /> : <Details />;
}
