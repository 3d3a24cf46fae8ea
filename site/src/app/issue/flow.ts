import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { cell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { kept } from "../state/kept.ts";
import type { EnrolmentState } from "../wire.ts";

/** What a first-time customer has typed so far. In memory only. */
export type Draft = {
  carrier: string | null;
  name: string;
  front: string;
  back: string;
  phone: string;
  loginId: string;
  password: string;
  accountId: string | null;
  agreed: ReadonlySet<string>;
};

const EMPTY: Draft = {
  carrier: null,
  name: "",
  front: "",
  back: "",
  phone: "",
  loginId: "",
  password: "",
  accountId: null,
  agreed: new Set(),
};

const CURRENT = "/v1/enrolments/current";
const OVER = [401, 404, 410];

let token: string | null = null;
let secrets: { pin: string | null; pattern: string | null } = { pin: null, pattern: null };
const state = cell<EnrolmentState | null>(null);
const draft = cell<Draft>(EMPTY);

/** One issue or reissue: the server's state of it, what was typed, the secrets until their use. */
export const flow = {
  state,
  draft,
  token: (): string | null => token,
  fill: (part: Partial<Draft>): void => draft.set({ ...draft.get(), ...part }),
  secrets: () => secrets,
  choose(part: Partial<typeof secrets>): void {
    secrets = { ...secrets, ...part };
  },

  async begin(agreed: readonly object[], locale: string): Promise<Outcome<EnrolmentState>> {
    await desk.ready();
    const started = await desk.proven<{ token: string; state: EnrolmentState }>({
      method: "POST",
      path: "/v1/enrolments",
      body: { agreed, locale },
    });
    if (!started.ok) return started;
    token = started.value.token;
    await kept.write("enrolment", token);
    state.set(started.value.state);
    return done(started.value.state);
  },

  /** After a reload: the server says where it stopped. What is over is forgotten. */
  async resume(): Promise<Outcome<EnrolmentState>> {
    const found = await kept.read("enrolment");
    if (typeof found !== "string") return problem("no_enrolment", 404);
    token = found;
    const answer = await desk.proven<EnrolmentState>({ method: "GET", path: CURRENT, token });
    if (answer.ok) state.set(answer.value);
    else if (OVER.includes(answer.status)) await flow.forget();
    return answer;
  },

  /** One step; the answer is the state after it. A step out of turn asks where one is. */
  async send(path: string, body: object): Promise<Outcome<EnrolmentState>> {
    const answer = await desk.proven<EnrolmentState>({
      method: "POST",
      path: `${CURRENT}/${path}`,
      body,
      token,
    });
    if (answer.ok) state.set(answer.value);
    else if (answer.code === "wrong_step") await flow.resume();
    return answer;
  },

  /** Empties everything that was typed; at the end, or when one starts over. */
  async forget(): Promise<void> {
    token = null;
    secrets = { pin: null, pattern: null };
    state.set(null);
    draft.set(EMPTY);
    await kept.remove("enrolment");
  },
};
