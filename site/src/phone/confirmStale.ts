import type { Problem } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import type { Phone } from "./phone.ts";
import type { KeyRecord } from "./record.ts";
import { resend } from "./resend.ts";

/**
 * S4, after the server answered the request we were waiting for with generation_mismatch: another
 * phone has signed with a copy of this one's storage. Saying so suspends the certificate; the owner
 * is told with the code `copied_phone`, and `state` is the credential's new state.
 */
export async function confirmStale(phone: Phone, key: KeyRecord): Promise<Problem> {
  const answer = await resend(phone, "/v1/signing/confirm-stale", { kid: key.kid, gen: key.gen });
  if (!answer.ok) return problem("copied_phone", 409, { state: null });
  const state = answer.value.has("state") ? answer.value.text("state") : null;
  return problem("copied_phone", 409, { state });
}
