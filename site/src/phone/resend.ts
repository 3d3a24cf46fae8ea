import { b64u } from "../crypto/b64u.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { reader, type Reader } from "../kit/reader.ts";
import type { Phone } from "./phone.ts";

const RESEND_FOR_MS = 120_000;
const PAUSE_MS_MAX = 8_000;

/**
 * Sends `fields` with a new rid, and the same bytes again while nobody answers, for up to 120 s:
 * a try was counted before the server evaluated, so giving up early would waste it. An answer with
 * another rid is dropped as if it had been lost.
 */
export async function resend(
  phone: Phone,
  path: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<Outcome<Reader>> {
  const rid = b64u.encode(phone.random(12));
  const body = JSON.stringify({ rid, ...fields });
  const started = phone.now();
  let pause = 1_000;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await phone.transport.post(path, body, null);
    const answer = outcome.ok ? answerTo(rid, outcome.value) : outcome;
    if (answer.ok || !isSilence(answer.code, answer.status, answer.details, rid)) return answer;
    if (phone.now() - started + pause > RESEND_FOR_MS) return answer;
    await phone.sleep(pause);
    pause = Math.min(pause * 2, PAUSE_MS_MAX);
    phone.onResend?.(attempt + 1);
  }
}

function answerTo(rid: string, value: unknown): Outcome<Reader> {
  try {
    const answer = reader(value);
    return answer.text("rid") === rid ? done(answer) : problem("bad_answer");
  } catch {
    return problem("bad_answer");
  }
}

/** No answer, a server in trouble (5xx), or an answer meant for another request. */
function isSilence(
  code: string,
  status: number,
  details: Readonly<Record<string, unknown>>,
  rid: string,
): boolean {
  const foreign = details["rid"] !== undefined && details["rid"] !== rid;
  return status === 0 || status >= 500 || foreign || code === "bad_answer";
}
