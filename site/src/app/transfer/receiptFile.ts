import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";

const ASKS_MAX = 8;
const AGAIN_MS = 700;
/** A PDF that nobody has asked for before is drawn, signed and stamped first. */
const TIMEOUT_MS = 60_000;

/**
 * The bank's file about a transfer. It collects evidence in the second after the money has moved,
 * so a file that is not ready yet is asked for again a few times.
 */
export async function receiptFile(path: string): Promise<Outcome<Blob>> {
  for (let asked = 1; ; asked += 1) {
    const call = { method: "GET", path, file: true, timeout_ms: TIMEOUT_MS } as const;
    const answer = await desk.mine<Blob>(call);
    if (answer.ok || answer.code !== "receipt_not_ready" || asked === ASKS_MAX) return answer;
    await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  }
}
