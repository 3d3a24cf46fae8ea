import { desk } from "./desk.ts";
import { cell } from "./cell.ts";
import type { BankInfo } from "../wire.ts";

const info = cell<BankInfo | null>(null);
let offset = 0;

/** What the bank says of itself: names, carriers, banks, tiers. Asked once. */
export const bank = {
  cell: info,
  async load(): Promise<void> {
    const answer = await desk.open<BankInfo>({ method: "GET", path: "/v1/bank" });
    if (!answer.ok) return;
    offset = answer.value.server_time / 1_000_000 - Date.now() / 1000;
    info.set(answer.value);
  },
};

/** Seconds the server's clock is ahead of this phone's, which may be wrong. */
export function clockOffset(): number {
  return offset;
}
