import { sha256 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import type { JointCertificate } from "./certificate.ts";
import { oids } from "./oids.ts";
import { rsa } from "./rsa.ts";

type Of = {
  readonly content: Uint8Array;
  readonly certificate: JointCertificate;
  readonly key: CryptoKey;
  /** Milliseconds since 1970; told, not proved. */
  readonly now: number;
};

/**
 * CMS SignedData (RFC 5652) with the content inside and RSA-SHA256 over signed attributes: what a
 * relying party gets.
 */
export async function signedData({ content, certificate, key, now }: Of): Promise<Bytes> {
  const hash = der.sequence(der.oid(oids.sha256), der.nothing());
  const attributes = [
    attribute(oids.contentType, der.oid(oids.data)),
    attribute(oids.signingTime, utcTime(now)),
    attribute(oids.messageDigest, der.octets(sha256(content))),
  ].sort(byBytes);
  const signed = der.set(...attributes);
  const signature = await rsa.sign(key, signed);
  const signer = der.sequence(
    der.integer(1),
    der.sequence(certificate.issuer, certificate.serialDer),
    hash,
    der.tlv(0xa0, ...attributes),
    der.sequence(der.oid(oids.rsaEncryption), der.nothing()),
    der.octets(signature),
  );
  const inner = der.sequence(
    der.integer(1),
    der.set(hash),
    der.sequence(der.oid(oids.data), der.tlv(0xa0, der.octets(content))),
    der.tlv(0xa0, certificate.der),
    der.set(signer),
  );
  return der.sequence(der.oid(oids.signedData), der.tlv(0xa0, inner));
}

const attribute = (type: string, value: Uint8Array): Bytes =>
  der.sequence(der.oid(type), der.set(value));

/** The order of a SET OF in DER (X.690, 11.6). */
function byBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, n) => byte !== b[n]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}

function utcTime(now: number): Bytes {
  const digits = new Date(now).toISOString().replace(/[^0-9]/g, "");
  return der.tlv(0x17, bytes.utf8(`${digits.slice(2, 14)}Z`));
}
