import type { Order } from "../wire.ts";
import { Posted } from "./Posted.tsx";
import { Ended, Waits } from "./Waits.tsx";

type Of = { readonly order: Order; readonly read: () => void };

/** What became of a signed order: it waits, it was given up, or it was sent and has a receipt. */
export function Became({ order, read }: Of) {
  const { state, hold, outcome } = order;
  return (
    <>
      {state === "pending" && hold !== null && <Waits order={order} hold={hold} read={read} />}
      {state === "cancelled" && hold !== null && <Ended hold={hold} />}
      {outcome?.status === "posted" && <Posted order={order} outcome={outcome} />}
    </>
  );
}
