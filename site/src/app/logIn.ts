import type { SecretKind } from "../crypto/mask.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { kidOf, lifeOf, seal } from "./act.ts";
import { watchLog } from "./certificate/watchLog.ts";
import { desk } from "./state/desk.ts";
import { session } from "./state/session.ts";
import type { Fields, Opened } from "./wire.ts";

type Challenge = Fields & { readonly request_id: string; readonly origin: string };

/** Login with a secret: challenge, signature by the key `auth` over our own origin, session. */
export async function logIn(m: SecretKind, secret: string): Promise<Outcome<null>> {
  const kid = await kidOf("auth");
  if (kid === null) return problem("no_key");
  const asked = await desk.proven<Challenge>({
    method: "POST",
    path: "/v1/login/challenges",
    body: { kid },
  });
  if (!asked.ok) return asked;
  const { request_id: requestId, origin } = asked.value;
  const life = lifeOf({ v: 1, ...asked.value }, kid);
  if (life === null || origin !== location.origin) return problem("message_differs");

  const { messages } = await import("../crypto/messages.ts");
  const message = messages.auth({ ...life, origin });
  const signed = await seal({ key: "auth", m, secret, requestId, message });
  if (!signed.ok) return signed;
  return open({ path: "/v1/sessions", body: { request_id: requestId } });
}

/** The last step of every login: the session, kept in memory. */
export async function open(call: { path: string; body: object }): Promise<Outcome<null>> {
  const opened = await desk.proven<Opened>({ method: "POST", ...call });
  if (!opened.ok) return opened;
  const { token, customer, session: of } = opened.value;
  session.open({ token, name: customer.name, method: of.method });
  void watchLog();
  return done(null);
}
