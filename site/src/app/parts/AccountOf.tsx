import { accountNumber } from "../../words/accountNumber.ts";

type Of = { readonly at: string; readonly number: string };

/** Where an account is and its number, which is not torn apart at its hyphens. */
export function AccountOf({ at, number }: Of) {
  return (
    <>
      {at} <span class="whole">{accountNumber(number)}</span>
    </>
  );
}
