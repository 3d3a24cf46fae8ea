import type { Route } from "../state/route.ts";
import { Details } from "./Details.tsx";
import { EverIssued } from "./EverIssued.tsx";
import { History } from "./History.tsx";
import { Revoke } from "./Revoke.tsx";

/** The customer's certificate: what it is, when it was used, all there ever were, and its end. */
export function Certificate({ at }: { readonly at: Route }) {
  if (at[1] === "history") return <History />;
  if (at[1] === "log") return <EverIssued />;
  return at[1] === "revoke" ? <Revoke /> : <Details />;
}
