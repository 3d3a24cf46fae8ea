import { won } from "../../kit/won.ts";
import { useWords } from "../state/words.ts";
import type { Account } from "../wire.ts";
import { leaving } from "./leaving.ts";

type Of = { readonly account: Account; readonly all: readonly Account[] };

/** What a limited account may send, and what lifts it; nothing for all others. */
export function CapNote({ account, all }: Of) {
  const { opening, won: wonOf } = useWords();
  const { day_cap, day_left } = account;
  if (day_cap === null) return null;
  const lift = leaving.nowhere(all) ? opening.limitedNone : opening.limitedNoneHere;
  return (
    <p class="soft" data-testid="cap">
      {leaving.never(account)
        ? lift
        : opening.limitedDay(wonOf(won.digits(day_cap)), wonOf(won.digits(day_left ?? day_cap)))}
    </p>
  );
}
