import type { Outcome, Problem } from "../../kit/outcome.ts";
import type { Call } from "../../kit/client.ts";
import { cell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { session } from "../state/session.ts";
import type { OpeningState } from "../wire.ts";

/** What one wants to be identified for; also the first part of the address. */
export type Wish = "opening" | "unlock" | "release" | "identify";

type Draft = {
  agreed: ReadonlySet<string>;
  /** Which of two checks one has chosen. */
  check: string | null;
  bank: string | null;
  account: string;
  purpose: string | null;
  funds: string | null;
  accountId: string | null;
};

const EMPTY: Draft = {
  agreed: new Set(),
  check: null,
  bank: null,
  account: "",
  purpose: null,
  funds: null,
  accountId: null,
};
const CURRENT = "/v1/identifications/current";

const state = cell<OpeningState | null>(null);
const draft = cell<Draft>(EMPTY);
const over = cell<Problem | null>(null);
const after = cell("/safeguards");

/** With the session where there is one; a suspended certificate's phone proves itself without. */
function ask(call: Call): Promise<Outcome<OpeningState>> {
  return session.token() === null ? desk.proven(call) : desk.mine(call);
}

async function told(call: Call): Promise<Outcome<OpeningState>> {
  const answer = await ask(call);
  if (answer.ok) state.set(answer.value);
  else if (answer.code === "wrong_step") await flow.resume();
  else if (OVER.includes(answer.code)) {
    over.set(answer);
    state.set(null);
  }
  return answer;
}

const OVER = ["opening_failed", "opening_stopped", "nothing_under_way"];

/** One identification: the server's state of it, and what was typed. In memory only. */
export const flow = {
  state,
  draft,
  /** Why the one before ended without its goal; told on the first screen. */
  over,
  /** Where one wanted to go when the bank asked who one is. */
  after,
  fill: (part: Partial<Draft>): void => draft.set({ ...draft.get(), ...part }),

  begin(path: string, body: object): Promise<Outcome<OpeningState>> {
    over.set(null);
    return told({ method: "POST", path, body });
  },

  /** After a reload: the server says where it stopped. */
  async resume(): Promise<Outcome<OpeningState>> {
    const answer = await ask({ method: "GET", path: CURRENT });
    state.set(answer.ok ? answer.value : null);
    return answer;
  },

  send: (step: string, body: object): Promise<Outcome<OpeningState>> =>
    told({ method: "POST", path: `${CURRENT}/${step}`, body }),

  show: (step: "id-card" | "face", picture: Blob): Promise<Outcome<OpeningState>> =>
    told({ method: "PUT", path: `${CURRENT}/${step}`, body: picture, timeout_ms: 60_000 }),

  async giveUp(): Promise<void> {
    await ask({ method: "DELETE", path: CURRENT });
    flow.forget();
  },

  forget(): void {
    state.set(null);
    draft.set(EMPTY);
  },
};
