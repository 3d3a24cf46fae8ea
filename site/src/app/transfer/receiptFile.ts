import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";

const ASKS_MAX = 8;
const AGAIN_MS = 700;

/**
 * The bank's file about a transfer. It collects evidence in the second after the money has moved,
 * so a file that is not ready yet is asked for again a few times.
 */
export async function receiptFile(path: string): Promise<Outcome<Blob>> {
  for (let asked = 1; ; asked += 1) {
    const answer = await desk.mine<Blob>({ method: "GET", path, file: true });
    if (answer.ok || answer.code !== "receipt_not_ready" || asked === ASKS_MAX) return answer;
    await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  }
}
