import type { Bytes } from "../crypto/bytes.ts";
import type { SecretKind } from "../crypto/mask.ts";
import type { KeyKind } from "../crypto/maySign.ts";
import type { Witness } from "./witness.ts";

/** One way to unmask this key's share: a secret in one version, with its own salt and sharing. */
export type Instance = {
  readonly version: number;
  readonly salt: Bytes;
  /** o = share - h. Fits every PIN; the phone stores nothing else of the share. */
  readonly o: Bytes;
};

/**
 * A signature whose z1 may have left the phone. Written durably before S2 goes out, so that no
 * crash makes the phone forget that its generation may be over.
 */
export type Inflight = {
  readonly sid: string;
  readonly gen: number;
  readonly requestId: string;
  /** To verify the signature under PK also after the page was reloaded. */
  readonly message: Bytes;
  readonly m: SecretKind;
  readonly version: number;
};

export type KeyRecord = {
  readonly kid: string;
  readonly pk: Bytes;
  /** DER; null while enrolling. */
  readonly certificate: Bytes | null;
  readonly gen: number;
  readonly instances: { readonly [m in SecretKind]?: readonly Instance[] };
  readonly inflight: Inflight | null;
};

export type Keys = { readonly [kind in KeyKind]?: KeyRecord };

/** A change of a secret on its way; `proved` are the keys that have signed with the new version. */
export type Change = {
  readonly id: string;
  readonly m: SecretKind;
  readonly keys: readonly { readonly kind: KeyKind; readonly version: number }[];
  readonly proved: readonly KeyKind[];
};

/** Everything the phone keeps (PROTOCOL 2), one record, so that one write is one step. */
export type PhoneRecord = {
  readonly v: 1;
  readonly credential: string | null;
  readonly deviceKey: CryptoKeyPair;
  readonly keys: Keys;
  /** Keys of an issue or reissue under way: they replace `keys` in one write at its end. */
  readonly enrolling: Keys;
  readonly change: Change | null;
  /** The bank's log; absent before the first enrolment ended. */
  readonly log?: Witness;
};

/** Where a key stands in the record. */
export type KeyPlace = { readonly among: "keys" | "enrolling"; readonly kind: KeyKind };
