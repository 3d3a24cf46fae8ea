import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import type { Issued } from "../../phone/finishEnrolment.ts";
import { desk } from "../state/desk.ts";
import { flow } from "./flow.ts";

/** E1 to E3 for both keys and the end (PROTOCOL 1); `reached` counts what is done. Repeatable. */
export async function issueKeys(reached: (tasks: number) => void): Promise<Outcome<Issued>> {
  const token = flow.token();
  const { pin, pattern } = flow.secrets();
  if (token === null) return problem("no_enrolment");
  const { enrolKey, finishEnrolment } = await import("../../phone/index.ts");
  // When an answer was lost, the bank is further than this page knows.
  const now = await flow.resume();
  if (!now.ok) return now;
  if (now.value.step !== "done") {
    if (pin === null || pattern === null) return problem("keys_not_proved");
    reached(0);
    const auth = await enrolKey(desk.phone, { token, kind: "auth", pin, pattern });
    if (!auth.ok) return auth;
    reached(1);
    const sign = await enrolKey(desk.phone, { token, kind: "sign", pin, pattern: null });
    if (!sign.ok) return sign;
  }
  reached(2);
  const issued = await finishEnrolment(desk.phone, token);
  if (issued.ok) reached(3);
  return issued;
}
