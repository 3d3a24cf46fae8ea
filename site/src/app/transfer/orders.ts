import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import type { TransactionFields } from "../../crypto/messages.ts";
import { kidOf, lifeOf, seal } from "../act.ts";
import { clockOffset } from "../state/bank.ts";
import { desk } from "../state/desk.ts";
import { pending } from "../state/pending.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { uuid7 } from "./uuid7.ts";

/** The bank posts within milliseconds, so it is asked again soon at first, then less often. */
const SOON_MS = 15;
const POLL_MS = 400;
const POLLS_MAX = 28;

/** The order that was asked for and not answered: the same words get the same id again. */
let unanswered: { readonly id: string; readonly words: string } | null = null;

const path = (id: string): string => `/v1/transfers/${id}`;

export const orders = {
  /** Writes the id down, then asks for the order.  */
  async place(): Promise<Outcome<Order>> {
    const { from, payee, amount, memo } = draft.get();
    if (from === null || payee === null || amount === null) return problem("not_found");
    const body = {
      from_account: from.number,
      payee_bank: payee.bank,
      payee_account: payee.account,
      amount,
      memo,
    };
    const words = JSON.stringify(body);
    const id =
      unanswered?.words === words
        ? unanswered.id
        : uuid7(Date.now() + clockOffset() * 1000, desk.phone.random);
    unanswered = { id, words };
    await pending.add(id, { ...body, payee_holder: payee.holder });
    const placed = await desk.mine<Order>({ method: "PUT", path: path(id), body });
    const refused = !placed.ok && placed.status >= 400 && placed.status < 500;
    if (refused) await pending.settle(id);
    if (refused || placed.ok) unanswered = null;
    return placed;
  },

  read: (id: string): Promise<Outcome<Order>> =>
    desk.mine<Order>({ method: "GET", path: path(id) }),

  accountPassword: (id: string, password: string): Promise<Outcome<Order>> =>
    desk.mine<Order>({ method: "PUT", path: `${path(id)}/account-password`, body: { password } }),

  call: (id: string): Promise<Outcome<Order>> =>
    desk.mine<Order>({ method: "POST", path: `${path(id)}/ars`, body: {} }),

  sendCode: (id: string): Promise<Outcome<Order>> =>
    desk.mine<Order>({ method: "POST", path: `${path(id)}/sms-code`, body: {} }),

  enterCode: (id: string, code: string): Promise<Outcome<Order>> =>
    desk.mine<Order>({ method: "PUT", path: `${path(id)}/sms-code`, body: { code } }),

  /** Signed and not sent yet, the next due first. */
  held: (): Promise<Outcome<{ readonly transfers: readonly Order[] }>> =>
    desk.mine({ method: "GET", path: "/v1/transfers" }),

  /** Those of the last week that waited and do no more: sent, or not. */
  ended: (): Promise<Outcome<{ readonly transfers: readonly Order[] }>> =>
    desk.mine({ method: "GET", path: "/v1/transfers?which=ended" }),

  async cancel(id: string): Promise<Outcome<null>> {
    const answer = await desk.mine<null>({ method: "DELETE", path: path(id) });
    if (answer.ok || answer.status === 404) await pending.settle(id);
    return answer;
  },

  /** The last factor: signs exactly what the check screen showed, then waits for the posting. */
  async sign(order: Order, pin: string): Promise<Outcome<Order>> {
    const fields = await signable(order);
    if (fields === null) return problem("message_differs");
    const { messages } = await import("../../crypto/messages.ts");
    const message = messages.transaction(fields);
    const requestId = order.request.request_id;
    const signed = await seal({ key: "sign", m: "pin", secret: pin, requestId, message });
    return signed.ok ? orders.outcome(order.id) : signed;
  },

  /** Reads until the bank has ended it; still under way after some seconds is an answer too. */
  async outcome(id: string): Promise<Outcome<Order>> {
    for (let poll = 1; ; poll += 1) {
      const read = await orders.read(id);
      if (!read.ok) return read;
      const under = read.value.state === "authorised";
      if (!under && read.value.state !== "waiting") await pending.settle(id);
      if (!under || poll === POLLS_MAX) return done(read.value);
      await desk.phone.sleep(Math.min(POLL_MS, SOON_MS * 2 ** (poll - 1)));
    }
  },
};

/**
 * What is signed: the customer's own words for whom, how much and why; from the bank come fee, tier
 * and times, which the check screen shows too. Null when the bank's fields say anything else.
 */
export async function signable(order: Order): Promise<TransactionFields | null> {
  const { from, payee, amount, memo } = draft.get();
  const kid = await kidOf("sign");
  const { fields } = order.request;
  const life = kid === null ? null : lifeOf(fields, kid);
  if (life === null || from === null || payee === null || amount === null) return null;
  const { fee, tier, policy_version } = fields;
  if (typeof fee !== "number" || typeof tier !== "string") return null;
  if (typeof policy_version !== "number") return null;
  const own = {
    transfer_id: order.id,
    from_account: from.number,
    payee_bank: payee.bank,
    payee_account: payee.account,
    payee_holder: payee.holder,
    amount,
    currency: "KRW",
    memo,
    origin: location.origin,
  };
  const agrees = Object.entries(own).every(([name, value]) => fields[name] === value);
  return agrees ? { ...life, ...own, fee, tier, policy_version } : null;
}
