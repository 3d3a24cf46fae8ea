import type { Outcome } from "../../kit/outcome.ts";
import type { EnrolmentState } from "../wire.ts";
import { flow } from "./flow.ts";

/** Asks for an SMS code, the first or another one. What the bank knows already is not sent. */
export function identity(): Promise<Outcome<EnrolmentState>> {
  const { carrier, name, front, back, phone } = flow.draft.get();
  const known = flow.state.get()?.prefilled !== null || carrier === null;
  if (known) return flow.send("identity", {});
  const resident_number = front + back;
  return flow.send("identity", { carrier, name: name.trim(), resident_number, phone });
}
