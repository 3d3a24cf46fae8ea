import { Link } from "../parts/Link.tsx";
import { useWords } from "../state/words.ts";
import type { Account } from "../wire.ts";
import { leaving } from "./leaving.ts";

type Of = { readonly account: Account; readonly all: readonly Account[] };

/** The way to send from an account; where none lets money out, the way to one that does. */
export function Send({ account, all }: Of) {
  const words = useWords();
  if (leaving.nowhere(all)) {
    return (
      <Link to="/opening" class="button" testid="to-opening">
        {words.opening.title}
      </Link>
    );
  }
  if (leaving.never(account)) return null;
  return (
    <Link to={`/transfer/from/${account.id}`} class="button" testid="send">
      {words.money.send}
    </Link>
  );
}
