import { bytes, type Bytes } from "./bytes.ts";

/** Whom a certification request names; `subjectId` stays the same over reissues. */
export type CsrSubject = { readonly name: string; readonly subjectId: string };

const SEQUENCE = 0x30;
const SET = 0x31;
const OID = 0x06;
const PRINTABLE = 0x13;
const UTF8 = 0x0c;
const BIT_STRING = 0x03;

const COUNTRY = Uint8Array.of(0x55, 0x04, 0x06);
const NAME = Uint8Array.of(0x55, 0x04, 0x03);
const SERIAL_NUMBER = Uint8Array.of(0x55, 0x04, 0x05);
const ED25519 = Uint8Array.of(0x2b, 0x65, 0x70);

/**
 * The PKCS#10 CertificationRequestInfo of an Ed25519 key (RFC 2986, RFC 8410): C=KR, CN as
 * UTF8String, serialNumber as PrintableString, in this order, and no attributes.
 */
export const csr = {
  build(publicKey: Uint8Array, { name, subjectId }: CsrSubject): Bytes {
    if (publicKey.length !== 32) throw new RangeError("an Ed25519 key has 32 bytes");
    checkSubject(name, subjectId);
    const subject = tlv(
      SEQUENCE,
      rdn(COUNTRY, PRINTABLE, "KR"),
      rdn(NAME, UTF8, name),
      rdn(SERIAL_NUMBER, PRINTABLE, subjectId),
    );
    const version = Uint8Array.of(0x02, 0x01, 0x00);
    return tlv(SEQUENCE, version, subject, csr.publicKeyInfo(publicKey), Uint8Array.of(0xa0, 0));
  },

  /** SubjectPublicKeyInfo with OID 1.3.101.112 and no parameters. */
  publicKeyInfo(publicKey: Uint8Array): Bytes {
    const key = tlv(BIT_STRING, Uint8Array.of(0), publicKey);
    return tlv(SEQUENCE, tlv(SEQUENCE, tlv(OID, ED25519)), key);
  },

  /**
   * The subject of `info`, if `info` is byte for byte what `build` makes of it and `publicKey`;
   * else null. So the phone signs only bytes that it could have written itself.
   */
  subjectOf(info: Uint8Array, publicKey: Uint8Array): CsrSubject | null {
    try {
      const [, subject] = children(only(info, SEQUENCE));
      const rdns = children(subject?.value ?? new Uint8Array()).map(({ value }) => {
        const [, content] = children(only(value, SEQUENCE));
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

type Element = { readonly tag: number; readonly value: Uint8Array };

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

function rdn(oid: Uint8Array, tag: number, value: string): Bytes {
  return tlv(SET, tlv(SEQUENCE, tlv(OID, oid), tlv(tag, bytes.utf8(value))));
}

/** Definite, minimal lengths (X.690 section 10.1). */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  const value = bytes.concat(...parts);
  return bytes.concat(Uint8Array.of(tag, ...lengthOf(value.length)), value);
}

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
}

function only(raw: Uint8Array, tag: number): Uint8Array {
  const [element, ...more] = children(raw);
  if (element === undefined || more.length > 0 || element.tag !== tag) throw new RangeError("DER");
  return element.value;
}

function children(raw: Uint8Array): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < raw.length) {
    const first = raw[at + 1] ?? 0;
    const extra = first < 0x80 ? 0 : first - 0x80;
    if (extra > 2) throw new RangeError("DER");
    const digits = extra === 0 ? [first] : [...raw.subarray(at + 2, at + 2 + extra)];
    const start = at + 2 + extra;
    const end = start + digits.reduce((sum, digit) => sum * 256 + digit, 0);
    if (end > raw.length) throw new RangeError("DER");
    found.push({ tag: raw[at] ?? 0, value: raw.subarray(start, end) });
    at = end;
  }
  return found;
}
