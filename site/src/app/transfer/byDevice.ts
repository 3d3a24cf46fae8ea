import {
  browserSupportsWebAuthn,
  startAuthentication,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";

import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { passkeyProblem } from "../login/passkeyProblem.ts";
import { desk } from "../state/desk.ts";
import type { Order } from "../wire.ts";

type Asked = {
  readonly challenge_id: string;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
};

/** In the call's place: a passkey on another device signs a challenge for this order alone. */
export async function byDevice(id: string): Promise<Outcome<Order>> {
  if (!browserSupportsWebAuthn()) return problem("passkey_unsupported");
  const path = `/v1/transfers/${id}/second-device`;
  const asked = await desk.mine<Asked>({ method: "POST", path: `${path}/options`, body: {} });
  if (!asked.ok) return asked;
  const { challenge_id, options } = asked.value;
  try {
    const response = await startAuthentication({ optionsJSON: options });
    return await desk.mine<Order>({ method: "PUT", path, body: { challenge_id, response } });
  } catch (error) {
    return passkeyProblem(error);
  }
}
