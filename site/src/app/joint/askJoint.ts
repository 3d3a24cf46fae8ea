import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { keyring, type KeptKey } from "../../joint/keyring.ts";
import { desk } from "../state/desk.ts";
import { collect } from "./collect.ts";
import type { JointBook } from "./wire.ts";

/** The bank's book of this customer's joint certificates, and the keys of this browser. */
export type Joint = { readonly book: JointBook; readonly keys: readonly KeptKey[] };

/** What was signed and not yet fetched is fetched first; keys of revoked certificates go. */
export async function askJoint(): Promise<Outcome<Joint>> {
  const waiting = (await keyring.all()).filter(({ certificate }) => certificate === null);
  for (const key of waiting) await collect(key);
  const asked = await desk.mine<JointBook>({ method: "GET", path: "/v1/joint" });
  if (!asked.ok) return asked;
  const revoked = asked.value.certificates.filter(({ state }) => state === "revoked");
  for (const { id } of revoked) {
    const useless = await keyring.of(id);
    if (useless !== null) await keyring.remove(useless.id);
  }
  return done({ book: asked.value, keys: await keyring.all() });
}
