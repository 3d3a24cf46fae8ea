import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { oids } from "./oids.ts";

/** A private key as `crypto.subtle` imports it, and R, the number that belongs to it. */
export type PrivateKey = { readonly pkcs8: Bytes; readonly random: Bytes | null };

const ATTRIBUTES = 0xa0;

/** PrivateKeyInfo (RFC 5208) of an RSA key; R stands in its attributes, [0] IMPLICIT SET OF. */
export const pkcs8 = {
  /** The PrivateKeyInfo that WebCrypto exported, with R put into it. */
  withRandom(plain: Uint8Array, random: Uint8Array): Bytes {
    const [version, algorithm, key] = der.inside(plain);
    if (version === undefined || algorithm === undefined || key === undefined) {
      throw new RangeError("not a PrivateKeyInfo");
    }
    const attribute = der.sequence(der.oid(oids.randomNum), der.set(der.bits(random)));
    const attributes = der.tlv(ATTRIBUTES, attribute);
    return der.sequence(version.whole, algorithm.whole, key.whole, attributes);
  },

  /** Throws RangeError for anything but a PrivateKeyInfo of an RSA key. */
  read(raw: Uint8Array): PrivateKey {
    const [version, algorithm, key, attributes, more] = der.inside(raw);
    const kind = der.dotted(der.inside(algorithm?.whole)[0]);
    const known = der.number(version) === 0 && kind === oids.rsaEncryption && more === undefined;
    if (!known || version === undefined || algorithm === undefined || key === undefined) {
      throw new RangeError("not an RSA PrivateKeyInfo");
    }
    der.inside(der.only(key.whole, der.TAG.octets).value);
    return {
      pkcs8: der.sequence(version.whole, algorithm.whole, key.whole),
      random:
        attributes === undefined ? null : randomIn(der.only(attributes.whole, ATTRIBUTES).value),
    };
  },
};

function randomIn(attributes: Uint8Array): Bytes | null {
  for (const { whole } of der.elements(attributes)) {
    const [type, values] = der.inside(whole);
    if (der.dotted(type) !== oids.randomNum) continue;
    return bytes.concat(der.bitString(der.inside(values?.whole, der.TAG.set)[0]));
  }
  return null;
}
