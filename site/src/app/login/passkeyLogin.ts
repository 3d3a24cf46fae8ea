import {
  browserSupportsWebAuthn,
  startAuthentication,
  type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";

import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { open } from "../logIn.ts";
import { desk } from "../state/desk.ts";
import { passkeyProblem } from "./passkeyProblem.ts";

type Asked = {
  readonly challenge_id: string;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
};

/** Login by fingerprint or face: a WebAuthn assertion with user verification. It signs nothing. */
export async function passkeyLogin(): Promise<Outcome<null>> {
  if (!browserSupportsWebAuthn()) return problem("passkey_unsupported");
  const credential = (await desk.record())?.credential ?? null;
  if (credential === null) return problem("no_key");
  const asked = await desk.proven<Asked>({
    method: "POST",
    path: "/v1/login/passkey/options",
    body: { credential_id: credential },
  });
  if (!asked.ok) return asked;
  const { challenge_id, options } = asked.value;
  try {
    const response = await startAuthentication({ optionsJSON: options });
    return await open({ path: "/v1/login/passkey", body: { challenge_id, response } });
  } catch (error) {
    return passkeyProblem(error);
  }
}
