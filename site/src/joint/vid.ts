import { sha256 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";

const PRINTABLE = 0x13;

/**
 * The virtual identification number (KCAC.TS.SIVID): SHA-256 twice over the DER of a resident or
 * business number and R. Whoever has R and the certificate can try all numbers, so R is a secret.
 */
export const vid = {
  hashContent(idn: string, random: Uint8Array): Bytes {
    if (!/^([0-9]{10}|[0-9]{13})$/.test(idn)) throw new RangeError("not 10 or 13 digits");
    return der.sequence(der.tlv(PRINTABLE, bytes.utf8(idn)), der.bits(random));
  },

  of: (idn: string, random: Uint8Array): Bytes =>
    new Uint8Array(sha256(sha256(vid.hashContent(idn, random)))),
};
