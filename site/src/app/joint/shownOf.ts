import type { Canonical } from "../../crypto/jcs.ts";
import type { JointRequest, Op } from "./wire.ts";

/** What this browser asked for; the bank's message must say the same. */
export type Sent = {
  readonly op: Op;
  readonly spki_sha256: string;
  readonly sealed_r_sha256: string;
  readonly reason: string;
};

type Shown = { readonly [name: string]: string | number };

const TYPE = "joint_certificate";
const TEXTS = [
  "op",
  "joint_id",
  "common_name",
  "policy",
  "serial",
  "spki_sha256",
  "sealed_r_sha256",
  "reason",
];
const NUMBERS = ["not_after"];
const LIFE = ["v", "kid", "nonce", "issued_at", "expires_at", "origin", "type"];

/**
 * The members of the act that are shown and signed; null when the bank's message has another shape,
 * or says something else than what was asked.
 */
export function shownOf(request: JointRequest, sent: Sent): Shown | null {
  const fields = request.request?.fields ?? {};
  const names = [...TEXTS, ...NUMBERS, ...LIFE];
  const shaped =
    Object.keys(fields).length === names.length &&
    TEXTS.every((name) => typeof fields[name] === "string") &&
    NUMBERS.every((name) => Number.isSafeInteger(fields[name]));
  const asked: Readonly<Record<string, Canonical>> = { ...sent, joint_id: request.id, type: TYPE };
  const same = Object.entries(asked).every(([name, value]) => fields[name] === value);
  if (!shaped || !same) return null;
  return Object.fromEntries(
    [...TEXTS, ...NUMBERS].map((name) => [name, fields[name] as string | number]),
  );
}
