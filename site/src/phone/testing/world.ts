import { messages } from "../../crypto/messages.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { deviceKey } from "../deviceKey.ts";
import { enrolKey } from "../enrolKey.ts";
import { finishEnrolment } from "../finishEnrolment.ts";
import { memoryStore, type MemoryStore } from "../memoryStore.ts";
import type { Phone } from "../phone.ts";
import { Bank } from "./bank.ts";

/** What happens to one call; `crash` is the page closed before or after the server saw it. */
export type Fate = "arrives" | "request_lost" | "answer_lost" | "crash_before" | "crash_after";

export class PageClosed extends Error {}

export type World = {
  readonly bank: Bank;
  readonly store: MemoryStore;
  readonly sent: { path: string; body: string }[];
  /** Decides over each call; the tests replace it. */
  fate: (path: string, nth: number) => Fate;
  /** May replace what the server said. */
  bend: (path: string, answer: Outcome<unknown>) => Outcome<unknown>;
  clock_ms: number;
  phone(store?: MemoryStore): Phone;
};

export const PIN = "482915";
export const PATTERN = "0-1-2-5-8";

export function world(): World {
  const bank = new Bank();
  const self: World = {
    bank,
    store: memoryStore(),
    sent: [],
    fate: () => "arrives",
    bend: (_path, answer) => answer,
    clock_ms: 0,
    phone: (store = self.store) => ({
      origin: "http://localhost:1",
      store,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      now: () => self.clock_ms,
      sleep: async (ms) => {
        self.clock_ms += ms;
      },
      transport: {
        async post(path, body) {
          self.sent.push({ path, body });
          const fate = self.fate(path, self.sent.length);
          if (fate === "crash_before") throw new PageClosed();
          if (fate === "request_lost") return problem("timeout");
          const answer = self.bend(path, await bank.post(path, body));
          if (fate === "crash_after") throw new PageClosed();
          return fate === "answer_lost" ? problem("timeout") : answer;
        },
      },
    }),
  };
  return self;
}

/** A world whose phone has been issued a certificate. */
export async function issued(): Promise<World> {
  const self = world();
  await deviceKey(self.store);
  const phone = self.phone();
  const outcomes = [
    await enrolKey(phone, { token: "t", kind: "auth", pin: PIN, pattern: PATTERN }),
    await enrolKey(phone, { token: "t", kind: "sign", pin: PIN, pattern: null }),
    await finishEnrolment(phone, "t"),
  ];
  if (outcomes.some(({ ok }) => !ok)) throw new Error(JSON.stringify(outcomes));
  self.sent.length = 0;
  return self;
}

const LIFE = { v: 1, nonce: "bg", issued_at: 1, expires_at: 2, kid: "k" } as const;

/** Signing requests as the banking API would have made them. */
export const wanted = {
  login: (
    self: World,
    m: "pin" | "pattern" = "pin",
    secret: string = m === "pin" ? PIN : PATTERN,
  ) => {
    const message = messages.auth({ ...LIFE, origin: "http://localhost:1" });
    return { key: "auth", m, secret, message, requestId: self.bank.ask(message) } as const;
  },
  act: (
    self: World,
    m: "pin" | "pattern" = "pin",
    secret: string = m === "pin" ? PIN : PATTERN,
  ) => {
    const message = messages.act({ ...LIFE, origin: "http://localhost:1", type: "limits" });
    return { key: "sign", m, secret, message, requestId: self.bank.ask(message) } as const;
  },
};
