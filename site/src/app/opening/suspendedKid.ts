import { kidOf } from "../act.ts";
import { desk } from "../state/desk.ts";

/** The key of this phone that a suspended certificate is known by; null where there is none. */
export async function suspendedKid(): Promise<string | null> {
  await desk.ready();
  return kidOf("auth");
}
