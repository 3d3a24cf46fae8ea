import { b64u } from "../crypto/b64u.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { client } from "../kit/client.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";

export type Service = "tax" | "document";

/** What the relying party wants signed, and by whose certificates. */
export type Challenge = {
  readonly id: string;
  readonly service: Service;
  readonly title: string;
  readonly content: string;
  readonly policies: readonly string[];
  readonly encryption: { readonly spki: string };
  readonly expires_at: number;
};

export type Accepted = {
  readonly common_name: string;
  readonly serial: string;
  readonly real_name: string;
  readonly signed_at: number;
  readonly receipt: string;
};

export type Answer = {
  readonly signed: Bytes;
  readonly sealedRandom: Bytes;
  readonly number: string;
};

const line = client({
  origin: location.origin,
  fetch: fetch.bind(globalThis),
  key: () => Promise.resolve(null),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  now: Date.now,
});

/** What this page asks of the relying parties, which the demo bank plays. */
export const bank = {
  challenge: (service: Service, locale: string): Promise<Outcome<Challenge>> =>
    post(`/v1/relying/${service}/challenges`, { locale }),

  answer: (
    { id, service }: Challenge,
    { signed, sealedRandom, number }: Answer,
  ): Promise<Outcome<Accepted>> =>
    post(`/v1/relying/${service}/challenges/${id}/answer`, {
      signed: b64u.encode(signed),
      sealed_r: b64u.encode(sealedRandom),
      number,
    }),
};

async function post<T>(path: string, body: object): Promise<Outcome<T>> {
  const outcome = await line.send({ method: "POST", path, body });
  return outcome.ok ? done(outcome.value as T) : outcome;
}
