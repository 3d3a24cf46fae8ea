import { ristretto255, ristretto255_hasher, ristretto255_oprf } from "@noble/curves/ed25519.js";

import { bytes, type Bytes } from "./bytes.ts";
import { scalar } from "./scalar.ts";

export type Blinded = { readonly blind: Bytes; readonly element: Bytes };

// RFC 9497 section 3.1: "HashToGroup-" | "OPRFV1-" | mode 0 | "-" | suite.
const DST = bytes.concat(
  bytes.utf8("HashToGroup-OPRFV1-"),
  bytes.u8(0),
  bytes.utf8("-ristretto255-SHA512"),
);

/** The client of OPRF(ristretto255, SHA-512), base mode, RFC 9497 section 3.3.1. */
export const oprf = {
  /**
   * `random` is 64 bytes, the blind modulo the group order. The blind lives in memory only: with
   * the blinded element it would let a thief test PINs offline.
   */
  blind(input: Uint8Array, random: Uint8Array): Blinded {
    return oprf.blindWith(input, scalar.reduce(random));
  },

  /** Throws when the input maps to the identity (RFC 9497: InvalidInputError) or the blind is 0. */
  blindWith(input: Uint8Array, blind: bigint): Blinded {
    const element = ristretto255_hasher.hashToCurve(input, { DST });
    if (element.is0()) throw new RangeError("input maps to the identity");
    return {
      blind: scalar.encode(blind),
      element: new Uint8Array(element.multiply(blind).toBytes()),
    };
  },

  /** The 64 bytes of Finalize. Throws RangeError for a bad or identity `evaluated`. */
  finalize(input: Uint8Array, blind: Uint8Array, evaluated: Uint8Array): Bytes {
    if (!isElement(evaluated)) throw new RangeError("evaluated element is not valid");
    return new Uint8Array(ristretto255_oprf.oprf.finalize(input, blind, evaluated));
  },
};

function isElement(raw: Uint8Array): boolean {
  try {
    return !ristretto255.Point.fromBytes(raw).is0();
  } catch {
    return false;
  }
}
