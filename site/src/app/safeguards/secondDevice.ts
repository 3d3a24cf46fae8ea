import {
  browserSupportsWebAuthn,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
} from "@simplewebauthn/browser";

import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { passkeyProblem } from "../login/passkeyProblem.ts";
import { desk } from "../state/desk.ts";

type Asked = {
  readonly challenge_id: string;
  readonly options: PublicKeyCredentialCreationOptionsJSON;
};

/** What the PIN signs for: which device, and the SHA-256 of its key in hex. */
export type Made = { readonly device_id: string; readonly key_hash: string };

/** Makes a passkey on another device; the bank keeps it until the PIN has signed for it. */
export async function makeSecondDevice(name: string): Promise<Outcome<Made>> {
  if (!browserSupportsWebAuthn()) return problem("passkey_unsupported");
  const path = "/v1/second-devices";
  const asked = await desk.mine<Asked>({ method: "POST", path: `${path}/options`, body: {} });
  if (!asked.ok) return asked;
  const { challenge_id, options } = asked.value;
  try {
    const response = await startRegistration({ optionsJSON: options });
    const body = { challenge_id, name, response };
    const kept = await desk.mine<Made>({ method: "POST", path, body });
    if (!kept.ok) return kept;
    return done({ device_id: kept.value.device_id, key_hash: kept.value.key_hash });
  } catch (error) {
    return passkeyProblem(error);
  }
}
