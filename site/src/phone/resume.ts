import type { Bytes } from "../crypto/bytes.ts";
import type { Outcome } from "../kit/outcome.ts";
import { done } from "../kit/done.ts";
import { problem } from "../kit/problem.ts";
import { confirmStale } from "./confirmStale.ts";
import type { Phone } from "./phone.ts";
import type { KeyPlace, PhoneRecord } from "./record.ts";
import { resend } from "./resend.ts";
import { settle } from "./settle.ts";
import type { Slot } from "./store.ts";
import { withoutInflight } from "./withoutInflight.ts";

/** How an interrupted signature ended; `record` is what is durable now. */
export type Resumed = {
  readonly record: PhoneRecord;
  readonly end: "nothing" | "done" | "not_completed" | "wrong_secret";
  readonly requestId: string | null;
  readonly signature: Bytes | null;
  readonly triesLeft: number | null;
};

/**
 * S3: asks how the signature under way ended, and settles it in one durable write. Runs before
 * anything else is signed. Anything unclear keeps `inflight`, and is a Problem.
 */
export async function resume(
  phone: Phone,
  slot: Slot,
  record: PhoneRecord,
  place: KeyPlace,
): Promise<Outcome<Resumed>> {
  const key = record[place.among][place.kind];
  const inflight = key?.inflight ?? null;
  const nothing = { record, requestId: null, signature: null, triesLeft: null };
  if (key === undefined || inflight === null) return done({ ...nothing, end: "nothing" });

  const outcome = await resend(phone, "/v1/signing/resume", { sid: inflight.sid });
  if (!outcome.ok) {
    return outcome.code === "generation_mismatch" ? confirmStale(phone, key) : outcome;
  }

  const state = outcome.value.has("state") ? outcome.value.text("state") : "";
  const ended = { requestId: inflight.requestId, signature: null, triesLeft: null };
  if (state === "done") {
    const settled = await settle(record, place, inflight, outcome.value);
    if (settled === null) return problem("bad_answer");
    await slot.write(settled.record);
    return done({ ...ended, ...settled, end: "done" });
  }
  if (state !== "not_completed" && state !== "wrong_secret") return problem("bad_answer");

  const cleared = withoutInflight(record, place);
  await slot.write(cleared);
  const counted = state === "wrong_secret" && outcome.value.has("tries_left");
  const triesLeft = counted ? outcome.value.integer("tries_left") : null;
  return done({ ...ended, record: cleared, end: state, triesLeft });
}
