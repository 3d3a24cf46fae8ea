import { client } from "../../kit/client.ts";
import type { Call } from "../../kit/client.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { deviceKey } from "../../phone/deviceKey.ts";
import { indexedDbStore } from "../../phone/indexedDbStore.ts";
import type { Phone } from "../../phone/phone.ts";
import type { PhoneRecord } from "../../phone/record.ts";
import { cell } from "./cell.ts";
import { session } from "./session.ts";

const ENDED = ["not_signed_in", "session_idle", "session_over_age", "session_ended"];

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const store = indexedDbStore();

// Read once and kept: the phone holds the store's lock while it signs, and needs the key then.
let device: Promise<CryptoKeyPair> | null = null;
const key = (): Promise<CryptoKeyPair> => (device ??= deviceKey(store));

const parts = { origin: location.origin, fetch: fetch.bind(globalThis), random, now: Date.now };
const proven = client({ ...parts, key });
const open = client({ ...parts, key: () => Promise.resolve(null) });

/** How often the phone is repeating an unanswered request; 0 when it is not. */
const resending = cell(0);

const phone: Phone = {
  origin: location.origin,
  store,
  random,
  now: () => performance.now(),
  sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
  transport: { post: (path, body, token) => proven.send({ method: "POST", path, body, token }) },
  onResend: (attempt) => resending.set(attempt),
};

/** The customer's desk: the ways to the bank, and the phone. */
export const desk = {
  phone,
  resending,

  /** Makes the device key if there is none, before the phone's lock is ever taken. */
  ready: async (): Promise<void> => void (await key()),

  record: (): Promise<PhoneRecord | null> => store.locked((slot) => slot.read()),

  /** Open paths: no proof, no token. */
  open: async <T>(call: Call): Promise<Outcome<T>> => typed(await open.send(call)),

  /** With proof by the device key; `token` null sends none. */
  proven: async <T>(call: Call): Promise<Outcome<T>> => typed(await proven.send(call)),

  /** With proof and the session. A session that the server has ended is closed here too. */
  async mine<T>(call: Call): Promise<Outcome<T>> {
    const outcome = await proven.send({ ...call, token: session.token() });
    if (!outcome.ok && ENDED.includes(outcome.code)) session.close(outcome.code);
    return typed(outcome);
  },
};

/**
 * Our own server's answer, over TLS from our own origin, as the contract describes it. What the
 * phone signs or stores never comes this way: the phone reads it strictly by `kit/reader`.
 */
function typed<T>(outcome: Outcome<unknown>): Outcome<T> {
  return outcome.ok ? done(outcome.value as T) : outcome;
}
