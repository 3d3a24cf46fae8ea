import { sha256 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "../../crypto/bytes.ts";
import { cbor } from "../../crypto/cbor.ts";
import { merkle } from "../../crypto/merkle.ts";
import { treeHead, type TreeHead } from "../../crypto/treeHead.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { reader, type Reader } from "../../kit/reader.ts";
import { meetHead } from "../../phone/meetLog.ts";
import { witness } from "../../phone/witness.ts";
import { desk } from "../state/desk.ts";
import { stopAll } from "./watchLog.ts";

/** A certificate that the log says was given out in this customer's name; its proof was checked. */
export type Issue = {
  readonly index: number;
  readonly kind: string;
  readonly at: number;
  readonly state: string;
  readonly serials: { readonly auth: string; readonly sign: string };
  /** Is it the one on this phone? */
  readonly here: boolean;
};

export type Issues = { readonly head: TreeHead; readonly found: readonly Issue[] };

const KINDS = ["certificate.issued", "certificate.reissued"];

/** Asks page by page, and believes nothing: the head, its past and each leaf are checked here. */
export async function askIssues(): Promise<Outcome<Issues>> {
  const own = (await desk.record())?.keys.sign?.certificate ?? null;
  const found: Issue[] = [];
  for (let after: number | null = -1; ; ) {
    const page: Outcome<unknown> = await desk.mine({
      method: "GET",
      path: `/v1/certificate/log?after=${after}`,
    });
    if (!page.ok) return page;
    try {
      const from = reader(page.value);
      const refused = await believed(from.value("head"));
      if (refused !== null) return refused;
      const head = treeHead.read(from.object("head"));
      const issues = from.objects("entries").map((one) => proved(one, head, own));
      if (issues.some((one) => one === null)) return rewritten();
      found.push(...issues.filter((one) => one !== null));
      after = from.has("next") ? from.integer("next") : null;
      if (after === null) return done({ head, found });
    } catch {
      return problem("bad_answer");
    }
  }
}

/** null: the head is this log's and continues what the phone saw. */
async function believed(head: unknown): Promise<Outcome<Issues> | null> {
  const ask = (path: string) => desk.open<unknown>({ method: "GET", path });
  switch (await meetHead(desk.phone.store, ask, head)) {
    case "continued":
      return null;
    case "rewritten":
      return rewritten();
    case "unanswered":
      return problem("offline");
    case "no_log":
      return problem("no_key");
  }
}

function rewritten(): Outcome<Issues> {
  stopAll();
  return problem("bad_answer");
}

/** null: the leaf is not in the log, or gave out no certificate. */
function proved(from: Reader, { size, root }: TreeHead, own: Bytes | null): Issue | null {
  const index = from.integer("index");
  const body = from.bytes("body");
  const path = witness.hashes(from, "path");
  const inside = merkle.included({ index, size, leaf: merkle.leafHash(body), path, root });
  const said = cbor(body);
  const credential = from.object("credential");
  const text = (name: string): string => {
    const value = said.get(name);
    if (typeof value !== "string") throw new TypeError(`${name} is not a text`);
    return value;
  };
  const kind = text("kind");
  const at = said.get("at");
  const print = said.get("sign_fingerprint");
  const sound = inside && KINDS.includes(kind) && text("credential_id") === credential.text("id");
  if (!sound || typeof at !== "number" || !(print instanceof Uint8Array)) return null;
  return {
    index,
    kind,
    at,
    state: credential.text("state"),
    serials: { auth: text("auth_serial"), sign: text("sign_serial") },
    here: own !== null && bytes.equal(sha256(own), print),
  };
}
