import { WebAuthnError } from "@simplewebauthn/browser";

import type { Problem } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";

/** The browser's many ways to say no, as one of three codes. */
export function passkeyProblem(error: unknown): Problem {
  if (
    error instanceof WebAuthnError &&
    error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED"
  ) {
    return problem("passkey_exists");
  }
  const name = error instanceof Error ? error.name : "";
  return problem(name === "NotSupportedError" ? "passkey_unsupported" : "passkey_cancelled");
}
