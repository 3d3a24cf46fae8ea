import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { kidOf, lifeOf, seal } from "../act.ts";
import { shownOf, type Sent } from "./shownOf.ts";
import type { JointRequest } from "./wire.ts";

/** The PIN signs the act that was shown, built here from its members. */
export async function signRequest(
  request: JointRequest,
  sent: Sent,
  pin: string,
): Promise<Outcome<null>> {
  const kid = await kidOf("sign");
  if (kid === null) return problem("no_key");
  const shown = shownOf(request, sent);
  const life = lifeOf(request.request?.fields ?? {}, kid);
  const requestId = request.request?.request_id;
  if (shown === null || life === null || requestId === undefined) return problem("message_differs");
  const { messages } = await import("../../crypto/messages.ts");
  const type = "joint_certificate";
  const message = messages.act({ ...shown, ...life, type, origin: location.origin });
  const signed = await seal({ key: "sign", m: "pin", secret: pin, requestId, message });
  return signed.ok ? done(null) : signed;
}
