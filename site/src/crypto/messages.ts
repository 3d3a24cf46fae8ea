import { bytes, type Bytes } from "./bytes.ts";
import { jcs, type Canonical } from "./jcs.ts";
import type { SecretKind } from "./mask.ts";

/** What every message carries: which key, for which server nonce, from when to when (us, UTC). */
type Life = {
  readonly v: 1;
  readonly kid: string;
  readonly nonce: string;
  readonly issued_at: number;
  readonly expires_at: number;
};

/** Proof that one (key, secret, version) works: enrolment and change of a secret. */
export type ProofFields = Life & {
  readonly m: SecretKind;
  readonly version: number;
  readonly purpose: "enrolment" | "change";
};

/** Login at `origin`, which the phone has shown. */
export type AuthFields = Life & { readonly origin: string };

/** A transfer, exactly these seventeen members (PROTOCOL 3). */
export type TransactionFields = Life & {
  readonly transfer_id: string;
  readonly from_account: string;
  readonly payee_bank: string;
  readonly payee_account: string;
  readonly payee_holder: string;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly memo: string;
  readonly tier: string;
  readonly policy_version: number;
  readonly origin: string;
};

/** Any other act: revoke, limits, method_change, joint_certificate, new_phone, … */
export type ActFields = Life & { readonly [name: string]: Canonical } & {
  readonly type: string;
  readonly origin: string;
};

const LIFE = ["v", "kid", "nonce", "issued_at", "expires_at"];
const PROOF = [...LIFE, "m", "version", "purpose"];
const AUTH = [...LIFE, "origin"];
const TRANSACTION = [
  ...LIFE,
  "transfer_id",
  "from_account",
  "payee_bank",
  "payee_account",
  "payee_holder",
  "amount",
  "fee",
  "currency",
  "memo",
  "tier",
  "policy_version",
  "origin",
];
const ACT = [...LIFE, "type", "origin"];

/**
 * The bytes the phone signs, serialised by the phone from the fields it shows (PROTOCOL 3). Throws
 * RangeError for a missing member and, but for acts, a further one: we sign only what is shown.
 */
export const messages = {
  proof: (fields: ProofFields): Bytes => prefixed("DOJANG-PROOF-v1", exactly(fields, PROOF)),
  auth: (fields: AuthFields): Bytes => prefixed("DOJANG-AUTH-v1", exactly(fields, AUTH)),
  transaction: (fields: TransactionFields): Bytes =>
    prefixed("DOJANG-TX-v1", exactly(fields, TRANSACTION)),
  act: (fields: ActFields): Bytes => prefixed("DOJANG-ACT-v1", atLeast(fields, ACT)),
};

type Fields = { readonly [name: string]: Canonical };

function exactly(fields: Fields, members: readonly string[]): Fields {
  if (Object.keys(fields).length !== members.length) throw new RangeError("members differ");
  return atLeast(fields, members);
}

function atLeast(fields: Fields, members: readonly string[]): Fields {
  if (!members.every((name) => Object.hasOwn(fields, name))) {
    throw new RangeError("a member is missing");
  }
  if (fields["v"] !== 1) throw new RangeError("not version 1");
  return fields;
}

function prefixed(prefix: string, fields: Fields): Bytes {
  return bytes.concat(bytes.utf8(prefix), bytes.u8(0), bytes.utf8(jcs(fields)));
}
