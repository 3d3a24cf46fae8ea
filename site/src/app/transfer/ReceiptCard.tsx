import { b64u } from "../../crypto/b64u.ts";
import { useWords } from "../state/words.ts";
import type { Receipt } from "../wire.ts";

/** The signed payload and its signature, to look at. */
export function ReceiptCard({ receipt }: { readonly receipt: Receipt }) {
  const { send } = useWords();
  return (
    <details class="note" data-testid="signed-payload">
      <summary>{send.receipt}</summary>
      <p>{send.receiptLead}</p>
      <pre class="mono">{readable(receipt.payload)}</pre>
      <p>{send.signature}</p>
      <pre class="mono">{receipt.signature}</pre>
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
