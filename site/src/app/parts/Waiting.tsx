import { desk } from "../state/desk.ts";
import { useCell } from "../state/cell.ts";
import { useWords } from "../state/words.ts";

/** Something goes on; says so, and says when an unanswered request is being repeated. */
export function Waiting({ label }: { readonly label?: string }) {
  const words = useWords();
  const attempt = useCell(desk.resending);
  return (
    <div class="waiting" role="status" data-testid="waiting">
      <span class="spinner" aria-hidden="true" />
      <p>{label ?? words.loading}</p>
      {attempt > 1 && <p class="soft">{words.retrying}</p>}
    </div>
  );
}
