import type { Bytes } from "../crypto/bytes.ts";
import type { SecretKind } from "../crypto/mask.ts";
import type { KeyKind } from "../crypto/maySign.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import type { Phone } from "./phone.ts";
import { signWith } from "./signWith.ts";

export type Signing = {
  readonly key: KeyKind;
  readonly m: SecretKind;
  readonly secret: string;
  readonly requestId: string;
  readonly message: Bytes;
};

/**
 * Signs one request with an issued key: login, transfer, act. The value is the signature, already
 * verified under the certificate's key. Safe to call again after any Problem.
 */
export async function sign(phone: Phone, wanted: Signing): Promise<Outcome<Bytes>> {
  return phone.store.locked(async (slot) => {
    const record = await slot.read();
    if (record === null) return problem("no_key");
    const { key: kind, ...rest } = wanted;
    const place = { among: "keys", kind } as const;
    const signed = await signWith(phone, slot, record, { ...rest, place });
    return signed.ok ? done(signed.value.signature) : signed;
  });
}
