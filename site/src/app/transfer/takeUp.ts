import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { askAccounts } from "../money/askAccounts.ts";
import type { Words } from "../state/pending.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { orders, signable } from "./orders.ts";

/**
 * Puts an order that a reload interrupted before the customer again, in the words kept on this
 * phone. Where the bank's order says anything else, nobody signs it and it is withdrawn.
 */
export async function takeUp(order: Order, words: Words): Promise<Outcome<null>> {
  const asked = await askAccounts();
  if (!asked.ok) return asked;
  const from = asked.value.accounts.find(({ number }) => number === words.from_account);
  if (from === undefined) return problem("not_found");
  const payee = {
    bank: words.payee_bank,
    account: words.payee_account,
    holder: words.payee_holder,
  };
  const { amount, memo } = words;
  draft.fill({ from, bank: payee.bank, account: payee.account, payee, amount, memo, order });
  if ((await signable(order)) !== null) return done(null);
  draft.clear();
  await orders.cancel(order.id);
  return problem("message_differs");
}
