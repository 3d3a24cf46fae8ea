import { b64u } from "../crypto/b64u.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { mask, type SecretKind } from "../crypto/mask.ts";
import { oprf, type Blinded } from "../crypto/oprf.ts";

/** A typed secret on its way: `blinded` goes out, `open` takes the answer. */
export type Unlock = {
  readonly blinded: string;
  /** h, from the evaluated element. Throws RangeError for what is no element. */
  open(evaluated: Uint8Array): bigint;
};

/** Blinds `secret` with fresh chance; the blind stays inside this closure. */
export function unlock(
  random: (length: number) => Uint8Array,
  of: {
    readonly kid: string;
    readonly m: SecretKind;
    readonly version: number;
    readonly salt: Bytes;
  },
  secret: string,
): Unlock {
  const context = { kid: b64u.decode(of.kid, 16), kind: of.m, version: of.version, salt: of.salt };
  const input = mask.input(context, secret);
  const blinded: Blinded = oprf.blind(input, random(64));
  return {
    blinded: b64u.encode(blinded.element),
    open: (evaluated) =>
      mask.value(of.salt, secret, oprf.finalize(input, blinded.blind, evaluated)),
  };
}
