import {
  browserSupportsWebAuthn,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
} from "@simplewebauthn/browser";

import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { passkeyProblem } from "../login/passkeyProblem.ts";
import { desk } from "../state/desk.ts";

type Asked = {
  readonly challenge_id: string;
  readonly options: PublicKeyCredentialCreationOptionsJSON;
};

/** Registers a passkey of this device, under the name the customer gave it. */
export async function addPasskey(name: string): Promise<Outcome<unknown>> {
  if (!browserSupportsWebAuthn()) return problem("passkey_unsupported");
  const asked = await desk.mine<Asked>({ method: "POST", path: "/v1/passkeys/options", body: {} });
  if (!asked.ok) return asked;
  const { challenge_id, options } = asked.value;
  try {
    const response = await startRegistration({ optionsJSON: options });
    const body = { challenge_id, name, response };
    return await desk.mine({ method: "POST", path: "/v1/passkeys", body });
  } catch (error) {
    return passkeyProblem(error);
  }
}
