import { won } from "../../kit/won.ts";
import { accountNumber } from "../../words/accountNumber.ts";
import { AccountOf } from "../parts/AccountOf.tsx";
import type { Fact } from "../parts/Facts.tsx";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { fieldOf } from "./fieldOf.ts";
import { useBankName } from "./useBankName.ts";

/** What was ordered, as it was signed: how much, to whom, from where. */
export function useOrderFacts({ amount, fee, payee_holder, request }: Order): readonly Fact[] {
  const { send, won: wonOf } = useWords();
  const nameOf = useBankName();
  const text = (name: string): string => fieldOf.text(request.fields, name);
  return [
    [send.amount, wonOf(won.digits(amount))],
    [send.holder, payee_holder],
    [send.to, <AccountOf at={nameOf(text("payee_bank"))} number={text("payee_account")} />],
    [send.from, <span class="whole">{accountNumber(text("from_account"))}</span>],
    [send.fee, fee === 0 ? send.feeNone : wonOf(won.digits(fee))],
    [send.memo, text("memo") || "-"],
  ];
}
