import { reader } from "../kit/reader.ts";
import type { Outcome } from "../kit/outcome.ts";
import type { PhoneRecord } from "./record.ts";
import type { Store } from "./store.ts";
import { witness, type Meeting, type Witness } from "./witness.ts";

/** How the log is asked: open paths, no proof and no token. */
export type Ask = (path: string) => Promise<Outcome<unknown>>;

/** `kept` and `shown` do not fit together: one of them is a lie that the bank signed. */
export type Met = "continued" | "unanswered" | "no_log" | "rewritten";

const OURS_TO_MEND = 500;

/**
 * After a login: asks for the newest tree head and demands that it continues the one kept here.
 * What is seen is written down, believed or not. Without an answer nothing is decided.
 */
export async function meetLog(store: Store, ask: Ask): Promise<Met> {
  const known = (await store.locked((slot) => slot.read()))?.log;
  if (known === undefined) return "no_log";
  const answer = await ask(`/v1/log/sth?since=${known.head?.size ?? 0}`);
  if (!answer.ok && (answer.status === 0 || answer.status >= OURS_TO_MEND)) return "unanswered";
  return taken(store, known, await witness.met(known, answer.ok ? answer.value : null));
}

/** The same for a head that came with another answer; its proof is asked for here. */
export async function meetHead(store: Store, ask: Ask, given: unknown): Promise<Met> {
  const known = (await store.locked((slot) => slot.read()))?.log;
  if (known === undefined) return "no_log";
  const first = known.head?.size ?? 0;
  const second = reader(given).integer("size");
  if (first === 0 || first >= second) {
    const answer = { head: given, consistency: [] };
    return taken(store, known, await witness.met(known, answer));
  }
  const proof = await ask(`/v1/log/proof/consistency?first=${first}&second=${second}`);
  if (!proof.ok && (proof.status === 0 || proof.status >= OURS_TO_MEND)) return "unanswered";
  const path = proof.ok ? reader(proof.value).value("path") : null;
  return taken(store, known, await witness.met(known, { head: given, consistency: path }));
}

/** Another tab may have met the log meanwhile: only what was compared is replaced. */
function taken(store: Store, known: Witness, met: Meeting): Promise<Met> {
  return store.locked(async (slot) => {
    const record = await slot.read();
    if (record?.log === undefined) return "no_log";
    if (met.continued) {
      if (record.log.head?.size === known.head?.size) {
        await slot.write(withLog(record, { ...record.log, head: met.head }));
      }
      return "continued";
    }
    await slot.write(withLog(record, { ...record.log, refused: met.shown }));
    return "rewritten";
  });
}

const withLog = (record: PhoneRecord, log: Witness): PhoneRecord => ({ ...record, log });
