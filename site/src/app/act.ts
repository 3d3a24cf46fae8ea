import type { SecretKind } from "../crypto/mask.ts";
import type { Canonical } from "../crypto/jcs.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { desk } from "./state/desk.ts";
import type { Asked, Fields } from "./wire.ts";

type Life = {
  readonly v: 1;
  readonly kid: string;
  readonly nonce: string;
  readonly issued_at: number;
  readonly expires_at: number;
};

/** What every message carries; the kid must be the one of the key that is going to sign. */
export function lifeOf(fields: Fields, kid: string): Life | null {
  const { nonce, issued_at, expires_at } = fields;
  if (fields["v"] !== 1 || fields["kid"] !== kid || typeof nonce !== "string") return null;
  if (typeof issued_at !== "number" || typeof expires_at !== "number") return null;
  return { v: 1, kid, nonce, issued_at, expires_at };
}

export async function kidOf(kind: "auth" | "sign"): Promise<string | null> {
  return (await desk.record())?.keys[kind]?.kid ?? null;
}

type Sealing = {
  readonly requestId: string;
  readonly key: "auth" | "sign";
  readonly m: SecretKind;
  readonly secret: string;
  readonly message: Uint8Array<ArrayBuffer>;
};

/** Loads the phone's cryptography on first use, and signs one request. */
export async function seal({
  key,
  m,
  secret,
  requestId,
  message,
}: Sealing): Promise<Outcome<unknown>> {
  const { sign } = await import("../phone/sign.ts");
  desk.resending.set(0);
  const signed = await sign(desk.phone, { key, m, secret, requestId, message });
  desk.resending.set(0);
  return signed;
}

/**
 * An act of the customer: asks for the request, builds the message from what the customer chose and
 * takes only nonce and times from the server, signs it with the PIN. `body` is what is sent where
 * the bank itself adds what the customer has seen and signs.
 */
export async function act(
  what: { readonly type: string } & { readonly [name: string]: Canonical },
  pin: string,
  body: { readonly [name: string]: Canonical } = what,
): Promise<Outcome<null>> {
  const kid = await kidOf("sign");
  if (kid === null) return problem("no_key");
  const asked = await desk.mine<Asked>({ method: "POST", path: "/v1/acts", body });
  if (!asked.ok) return asked;
  const life = lifeOf(asked.value.fields, kid);
  if (life === null) return problem("message_differs");
  const { messages } = await import("../crypto/messages.ts");
  const message = messages.act({ ...what, ...life, origin: location.origin });
  const requestId = asked.value.request_id;
  const signed = await seal({ key: "sign", m: "pin", secret: pin, requestId, message });
  return signed.ok ? done(null) : signed;
}
