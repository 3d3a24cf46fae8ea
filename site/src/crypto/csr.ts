import { bytes, type Bytes } from "./bytes.ts";
import { der } from "./der.ts";

/** Whom a certification request names; `subjectId` stays the same over reissues. */
export type CsrSubject = { readonly name: string; readonly subjectId: string };

const PRINTABLE = 0x13;
const UTF8 = 0x0c;

const COUNTRY = "2.5.4.6";
const NAME = "2.5.4.3";
const SERIAL_NUMBER = "2.5.4.5";
const ED25519 = "1.3.101.112";

/**
 * The PKCS#10 CertificationRequestInfo of an Ed25519 key (RFC 2986, RFC 8410): C=KR, CN as
 * UTF8String, serialNumber as PrintableString, in this order, and no attributes.
 */
export const csr = {
  build(publicKey: Uint8Array, { name, subjectId }: CsrSubject): Bytes {
    if (publicKey.length !== 32) throw new RangeError("an Ed25519 key has 32 bytes");
    checkSubject(name, subjectId);
    const subject = der.sequence(
      rdn(COUNTRY, PRINTABLE, "KR"),
      rdn(NAME, UTF8, name),
      rdn(SERIAL_NUMBER, PRINTABLE, subjectId),
    );
    const key = csr.publicKeyInfo(publicKey);
    return der.sequence(der.integer(0), subject, key, der.tlv(0xa0));
  },

  /** SubjectPublicKeyInfo with OID 1.3.101.112 and no parameters. */
  publicKeyInfo(publicKey: Uint8Array): Bytes {
    return der.sequence(der.sequence(der.oid(ED25519)), der.bits(publicKey));
  },

  /**
   * The subject of `info`, if `info` is byte for byte what `build` makes of it and `publicKey`;
   * else null. So the phone signs only bytes that it could have written itself.
   */
  subjectOf(info: Uint8Array, publicKey: Uint8Array): CsrSubject | null {
    try {
      const [, subject] = der.inside(info);
      const rdns = der.inside(subject?.whole).map(({ value }) => {
        const [, content] = der.inside(value);
        return new TextDecoder("utf-8", { fatal: true }).decode(content?.value);
      });
      const [, name = "", subjectId = ""] = rdns;
      const rebuilt = csr.build(publicKey, { name, subjectId });
      return bytes.equal(rebuilt, info) ? { name, subjectId } : null;
    } catch {
      return null;
    }
  },
};

function checkSubject(name: string, subjectId: string): void {
  const letters = [...name].length;
  if (letters < 1 || letters > 64 || name.normalize("NFC") !== name) {
    throw new RangeError("the name is not 1 to 64 characters in NFC");
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new RangeError("the name holds invisible characters");
  }
  if (!/^[A-Za-z0-9 '()+,./:=?-]{1,64}$/.test(subjectId)) {
    throw new RangeError("the subject id is not a PrintableString of at most 64 characters");
  }
}

function rdn(type: string, tag: number, value: string): Bytes {
  return der.set(der.sequence(der.oid(type), der.tlv(tag, bytes.utf8(value))));
}
