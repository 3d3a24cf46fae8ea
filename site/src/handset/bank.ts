import { client } from "../kit/client.ts";
import type { Outcome } from "../kit/outcome.ts";
import type { BankInfo } from "../app/wire.ts";

export type Person = {
  readonly name: string;
  readonly carrier: string;
  readonly resident_number: string;
  readonly birth_date: string;
  readonly phone: string;
  readonly story: string;
  readonly login_id: string | null;
  readonly password: string | null;
  readonly accounts: readonly { readonly name: string; readonly password: string }[];
  readonly pin: string;
  /** Bank and account elsewhere. */
  readonly elsewhere: readonly [string, string] | null;
};

/** One won at another bank. */
export type Deposit = {
  readonly at: number;
  readonly bank: string;
  readonly account: string;
  readonly amount: number;
  readonly sender: string;
};

/** A party outside: what it answers, what it could, which sample pictures there are. */
export type Party = {
  readonly chosen: string;
  readonly choices: readonly string[];
  readonly samples: readonly string[];
};

export type Message = { readonly at: number; readonly to: string; readonly text: string };

export type Call = {
  readonly id: string;
  readonly prompt: string;
  readonly locale: string;
  readonly state: "ringing" | "answered" | "over";
};

export type Heard = { readonly heard: string; readonly tries_left: number };

const line = client({
  origin: location.origin,
  fetch: fetch.bind(globalThis),
  key: () => Promise.resolve(null),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  now: Date.now,
});

/** What the simulated phone asks of the demo bank. A refusal or no answer is null: it asks again. */
export const bank = {
  people: async (): Promise<readonly Person[] | null> =>
    value<{ people: readonly Person[] }>(await get("/_demo/people"))?.people ?? null,

  info: async (): Promise<BankInfo | null> => value<BankInfo>(await get("/v1/bank")),

  /** Newest first. */
  messages: async (phone: string): Promise<readonly Message[] | null> => {
    const found = value<{ messages: readonly Message[] }>(
      await get(`/_handset/messages?phone=${phone}`),
    );
    return found?.messages.toReversed() ?? null;
  },

  /** Newest first. */
  calls: async (phone: string): Promise<readonly Call[] | null> =>
    value<{ calls: readonly Call[] }>(await get(`/_handset/calls?phone=${phone}`))?.calls ?? null,

  /** Newest first. */
  deposits: async (phone: string): Promise<readonly Deposit[] | null> =>
    value<{ deposits: readonly Deposit[] }>(await get(`/_handset/deposits?phone=${phone}`))
      ?.deposits ?? null,

  outcomes: async (phone: string): Promise<Readonly<Record<string, Party>> | null> =>
    value(await get(`/_handset/outcomes?phone=${phone}`)),

  choose: async (phone: string, party: string, outcome: string): Promise<void> =>
    void (await line.send({
      method: "POST",
      path: "/_handset/outcomes",
      body: { phone, party, outcome },
    })),

  answer: async (id: string): Promise<void> => void (await post(id, "answer", {})),

  hangUp: async (id: string): Promise<void> => void (await post(id, "hang-up", {})),

  key: async (id: string, digits: string): Promise<Heard | null> =>
    value<Heard>(await post(id, "keys", { digits })),
};

const get = (path: string): Promise<Outcome<unknown>> => line.send({ method: "GET", path });

const post = (id: string, what: string, body: object): Promise<Outcome<unknown>> =>
  line.send({ method: "POST", path: `/_handset/calls/${id}/${what}`, body });

function value<T>(outcome: Outcome<unknown>): T | null {
  return outcome.ok ? (outcome.value as T) : null;
}
