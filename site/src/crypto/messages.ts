import { bytes, type Bytes } from "./bytes.ts";
import { jcs, type Canonical } from "./jcs.ts";
import type { SecretKind } from "./mask.ts";

export type Tier = string;

/** Proof that one (key, secret, version) works: enrolment and change of a secret. */
export type ProofFields = { readonly [name: string]: Canonical } & {
  readonly kid: string;
  readonly m: SecretKind;
  readonly version: number;
};

/** Login. Instants are integer microseconds UTC. */
export type AuthFields = {
  readonly origin: string;
  readonly nonce: string;
  readonly kid: string;
  readonly issued_at: number;
  readonly expires_at: number;
};

/** A transfer, exactly these seventeen members (PROTOCOL 3). */
export type TransactionFields = {
  readonly v: number;
  readonly transfer_id: string;
  readonly from_account: string;
  readonly payee_bank: string;
  readonly payee_account: string;
  readonly payee_holder: string;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly memo: string;
  readonly tier: Tier;
  readonly policy_version: number | string;
  readonly kid: string;
  readonly origin: string;
  readonly nonce: string;
  readonly issued_at: number;
  readonly expires_at: number;
};

/** Any other act: revoke, limits, method_change, joint_certificate, new_phone, … */
export type ActFields = { readonly [name: string]: Canonical } & { readonly type: string };

const TRANSACTION_MEMBERS: Readonly<Record<keyof TransactionFields, true>> = {
  v: true,
  transfer_id: true,
  from_account: true,
  payee_bank: true,
  payee_account: true,
  payee_holder: true,
  amount: true,
  fee: true,
  currency: true,
  memo: true,
  tier: true,
  policy_version: true,
  kid: true,
  origin: true,
  nonce: true,
  issued_at: true,
  expires_at: true,
};

/** The bytes the phone signs, serialised by the phone from the fields it shows (PROTOCOL 3). */
export const messages = {
  proof: (fields: ProofFields): Bytes => prefixed("DOJANG-PROOF-v1", fields),
  auth: (fields: AuthFields): Bytes => prefixed("DOJANG-AUTH-v1", fields),
  act: (fields: ActFields): Bytes => prefixed("DOJANG-ACT-v1", fields),

  /** Throws RangeError for a missing or a further member: what is not shown is not signed. */
  transaction(fields: TransactionFields): Bytes {
    const names = Object.keys(fields);
    const exact = names.every((name) => name in TRANSACTION_MEMBERS);
    if (!exact || names.length !== Object.keys(TRANSACTION_MEMBERS).length) {
      throw new RangeError("a transaction has exactly its seventeen members");
    }
    return prefixed("DOJANG-TX-v1", fields);
  },
};

function prefixed(prefix: string, fields: { readonly [name: string]: Canonical }): Bytes {
  return bytes.concat(bytes.utf8(prefix), bytes.u8(0), bytes.utf8(jcs(fields)));
}
