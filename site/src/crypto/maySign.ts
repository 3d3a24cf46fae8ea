import { bytes } from "./bytes.ts";
import type { SecretKind } from "./mask.ts";

export type KeyKind = "auth" | "sign";

type Rule = {
  readonly prefix: Uint8Array;
  readonly keys: readonly KeyKind[];
  readonly secrets: readonly SecretKind[];
};

const PIN = ["pin"] as const;
const BOTH = ["auth", "sign"] as const;
const word = (text: string) => bytes.utf8(`${text}\0`);

/** PROTOCOL 3, the table of kinds; the first bytes decide. */
const RULES: readonly Rule[] = [
  { prefix: word("DOJANG-PROOF-v1"), keys: BOTH, secrets: ["pin", "pattern"] },
  { prefix: word("DOJANG-AUTH-v1"), keys: ["auth"], secrets: ["pin", "pattern"] },
  { prefix: word("DOJANG-TX-v1"), keys: ["sign"], secrets: PIN },
  { prefix: word("DOJANG-ACT-v1"), keys: ["sign"], secrets: PIN },
  { prefix: Uint8Array.of(0x30), keys: BOTH, secrets: PIN },
  { prefix: Uint8Array.of(0x31), keys: ["sign"], secrets: PIN },
  { prefix: bytes.utf8("eyJ"), keys: ["sign"], secrets: PIN },
];

/**
 * Whether this key may sign this message with this secret; false also for bytes of no known kind.
 * The one act that `auth` signs is method_change, because every key must agree to a new secret.
 */
export function maySign(message: Uint8Array, key: KeyKind, secret: SecretKind): boolean {
  const rule = RULES.find(({ prefix }) => startsWith(message, prefix));
  if (rule === undefined || !rule.secrets.includes(secret)) return false;
  return rule.keys.includes(key) || isMethodChange(message);
}

function startsWith(message: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.equal(message.subarray(0, prefix.length), prefix);
}

function isMethodChange(message: Uint8Array): boolean {
  const prefix = word("DOJANG-ACT-v1");
  if (!startsWith(message, prefix)) return false;
  const act: unknown = JSON.parse(new TextDecoder().decode(message.subarray(prefix.length)));
  return typeof act === "object" && act !== null && "type" in act && act.type === "method_change";
}
