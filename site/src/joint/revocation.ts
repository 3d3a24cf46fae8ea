import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import type { JointCertificate } from "./certificate.ts";
import { rsa } from "./rsa.ts";

/**
 * Whether a revocation list (RFC 5280, section 5) of this authority names the certificate; null
 * when the list is not one that the authority signed.
 */
export async function revocation(
  list: Uint8Array,
  authority: JointCertificate,
  serial: Bytes,
): Promise<boolean | null> {
  try {
    const [content, , signature] = der.inside(list);
    const signed = bytes.concat(content?.whole ?? new Uint8Array());
    const by = bytes.concat(der.bitString(signature));
    if (!(await rsa.verifies(authority.publicKey, signed, by))) return null;
    const [, , ...afterIssuer] = der.inside(content?.whole);
    const revoked = afterIssuer.slice(1).find(({ tag }) => tag === der.TAG.sequence);
    return der.elements(revoked?.value ?? new Uint8Array()).some((entry) => {
      const [named] = der.inside(entry.whole);
      return named !== undefined && bytes.equal(named.whole, serial);
    });
  } catch {
    return null;
  }
}
