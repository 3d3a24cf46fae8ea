import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { useWords } from "../state/words.ts";
import type { Hold } from "../wire.ts";

/** Before the signature: when it will be sent, and until when it can be cancelled. */
export function HoldNote({ hold }: { readonly hold: Hold }) {
  const { guard, lang } = useWords();
  const atOnce = hold.cancellable_until >= hold.due_at;
  return (
    <section class="note" data-testid="hold" data-why={hold.why}>
      <h3>{guard.holdTitle}</h3>
      <p>{guard.why[hold.why] ?? ""}</p>
      <Facts
        of={[
          [guard.sendsAt, moment.full(hold.due_at, lang)],
          [guard.cancelUntil, atOnce ? guard.untilSent : moment.full(hold.cancellable_until, lang)],
        ]}
      />
    </section>
  );
}
