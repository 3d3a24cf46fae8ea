import type { Words } from "../../words/ko.ts";
import type { Order } from "../wire.ts";

/** Where an order is, or how it ended, as a heading. */
export function stateTitle(state: Order["state"], { send, guard }: Words): string {
  return {
    posted: send.doneTitle,
    rejected: send.rejectedTitle,
    waiting: send.waitingTitle,
    authorised: send.authorisedTitle,
    pending: guard.pendingTitle,
    expired: send.expiredTitle,
    cancelled: send.cancelledTitle,
  }[state];
}
