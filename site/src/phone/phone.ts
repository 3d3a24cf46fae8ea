import type { Outcome } from "../kit/outcome.ts";
import type { Store } from "./store.ts";

/** How the phone reaches the server. `body` is sent byte for byte; the proof is the transport's. */
export type Transport = {
  post(path: string, body: string, token: string | null): Promise<Outcome<unknown>>;
};

/** What the phone's state machine is made of. */
export type Phone = {
  /** Where this page was loaded from; acts that name another origin are not signed. */
  readonly origin: string;
  readonly store: Store;
  readonly transport: Transport;
  readonly random: (length: number) => Uint8Array;
  /** Milliseconds; only differences are used. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told before each repeat, so that the page can say that it is still trying. */
  readonly onResend?: (attempt: number) => void;
};
