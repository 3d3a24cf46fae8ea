import { b64u } from "../../crypto/b64u.ts";
import { save } from "../parts/save.ts";
import { useWords } from "../state/words.ts";
import type { Receipt } from "../wire.ts";

/** The signed payload and its signature, to look at and to take away. */
export function ReceiptCard({ id, receipt }: { readonly id: string; readonly receipt: Receipt }) {
  const { send } = useWords();
  const keep = (): void =>
    save(`dojang-${id}.json`, "application/json", JSON.stringify({ id, ...receipt }, null, 2));
  return (
    <details class="note" data-testid="signed-payload">
      <summary>{send.receipt}</summary>
      <p>{send.receiptLead}</p>
      <pre class="mono">{readable(receipt.payload)}</pre>
      <p>{send.signature}</p>
      <pre class="mono">{receipt.signature}</pre>
      <button type="button" class="button second" onClick={keep} data-testid="save-receipt">
        {send.save}
      </button>
    </details>
  );
}

/** The payload's bytes as text; the zero byte after the prefix is shown as a line break. */
function readable(payload: string): string {
  try {
    return new TextDecoder().decode(b64u.decode(payload)).replace("\0", "\n");
  } catch {
    return payload;
  }
}
