import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import { session } from "../state/session.ts";

/** Replaces the PIN on both keys, or the pattern; signed with the PIN that holds now. */
export async function change(
  m: "pin" | "pattern",
  pin: string,
  next: string,
): Promise<Outcome<null>> {
  const { changeSecret } = await import("../../phone/changeSecret.ts");
  desk.resending.set(0);
  const token = session.token() ?? "";
  const changed = await changeSecret(desk.phone, { token, m, pin, next });
  desk.resending.set(0);
  return changed;
}
