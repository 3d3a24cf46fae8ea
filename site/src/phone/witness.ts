import { b64u } from "../crypto/b64u.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { merkle } from "../crypto/merkle.ts";
import { treeHead, type TreeHead } from "../crypto/treeHead.ts";
import { reader, type Reader } from "../kit/reader.ts";

/** What the phone knows of the bank's log: pinned at the enrolment, and the last head it took. */
export type Witness = {
  readonly log: string;
  readonly key: Bytes;
  readonly head: TreeHead | null;
  /** A head that did not continue `head`: evidence. */
  readonly refused: TreeHead | null;
};

/** `shown` is null where the answer was no head at all. */
export type Meeting =
  | { readonly continued: true; readonly head: TreeHead }
  | { readonly continued: false; readonly shown: TreeHead | null };

/**
 * The phone as a witness: what it was shown once cannot be taken back from it. The Python phone
 * has the same rule (src/dojang/phone/witness.py), held by tests/vectors/merkle.json.
 */
export const witness = {
  /** Throws TypeError or RangeError where the end of an enrolment names no log. */
  pinned(given: unknown): Witness {
    const from = reader(given);
    return { log: from.text("log"), key: from.bytes("key"), head: null, refused: null };
  },

  /** An answer of `GET /v1/log/sth`, against what is kept. */
  async met(known: Witness, answer: unknown): Promise<Meeting> {
    let shown: TreeHead | null = null;
    try {
      const from = reader(answer);
      shown = treeHead.read(from.object("head"));
      const path = hashes(from, "consistency");
      return await witness.continued(known, shown, path);
    } catch {
      return { continued: false, shown };
    }
  },

  /** Is `shown` this log's, and does it begin with what was kept? */
  async continued(
    { log, key, head }: Witness,
    shown: TreeHead,
    path: readonly Bytes[],
  ): Promise<Meeting> {
    const signed = shown.log === log && (await treeHead.holds(shown, key));
    const follows =
      head === null ||
      merkle.consistent({
        first: head.size,
        second: shown.size,
        firstRoot: head.root,
        secondRoot: shown.root,
        path,
      });
    return signed && follows ? { continued: true, head: shown } : { continued: false, shown };
  },

  hashes,
};

/** A proof's path. Throws TypeError or RangeError. */
function hashes(from: Reader, name: string): readonly Bytes[] {
  return from.texts(name).map((step) => b64u.decode(step, merkle.HASH_BYTES));
}
