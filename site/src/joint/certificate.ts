import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der, type Element } from "../crypto/der.ts";
import { oids } from "./oids.ts";

/** What a screen, a folder and a signature need of a joint certificate. Instants in microseconds. */
export type JointCertificate = {
  readonly der: Bytes;
  /** Hexadecimal, without leading zeros. */
  readonly serial: string;
  readonly serialDer: Bytes;
  readonly issuer: Bytes;
  readonly issuerName: string;
  /** Leaf first, as a folder is named: cn=…,ou=…,o=…,c=kr. */
  readonly subject: string;
  readonly subjectDer: Bytes;
  readonly commonName: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: Bytes;
  readonly keyId: Bytes;
  /** The first byte of keyUsage: 0xc0 is digitalSignature and nonRepudiation. */
  readonly keyUsage: number;
  readonly policy: string;
  /** The words of the authority, which must say what this certificate is not. */
  readonly notice: string;
  readonly realName: string;
  /** The bytes that the authority signed, with what, and how. */
  readonly signed: { readonly content: Bytes; readonly algorithm: string; readonly by: Bytes };
  /** Null when the certificate holds none. */
  readonly vid: { readonly hash: string; readonly value: Bytes } | null;
};

const TYPES: Readonly<Record<string, string>> = {
  "2.5.4.3": "cn",
  "2.5.4.6": "c",
  "2.5.4.10": "o",
  "2.5.4.11": "ou",
};
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** Reads a joint certificate strictly (NPKI profile); throws RangeError for anything else. */
export function certificate(raw: Uint8Array): JointCertificate {
  const [content, algorithm, signature, ...more] = der.inside(raw);
  const [version, serial, , issuer, validity, subject, key, ...rest] = der.inside(content?.whole);
  if (
    content === undefined ||
    more.length > 0 ||
    version?.tag !== VERSION ||
    serial === undefined ||
    issuer === undefined
  ) {
    throw new RangeError("not a certificate of version 3");
  }
  const extensions = extensionsIn(rest);
  const [notBefore, notAfter] = der.inside(validity?.whole);
  const names = attributes(subject);
  const identity = identityIn(extensions.get(oids.subjectAltName));
  return {
    der: bytes.concat(raw),
    serial: hex(serial.value),
    serialDer: bytes.concat(serial.whole),
    issuer: bytes.concat(issuer.whole),
    issuerName: spelled(attributes(issuer)),
    subject: spelled(names),
    subjectDer: bytes.concat(subject?.whole ?? new Uint8Array()),
    commonName: names.findLast(([type]) => type === "cn")?.[1] ?? "",
    notBefore: instant(notBefore),
    notAfter: instant(notAfter),
    publicKey: bytes.concat(key?.whole ?? new Uint8Array()),
    keyId: bytes.concat(der.only(extensions.get(oids.subjectKeyId), der.TAG.octets).value),
    keyUsage: der.only(extensions.get(oids.keyUsage), der.TAG.bitString).value[1] ?? 0,
    ...policyIn(extensions.get(oids.certificatePolicies)),
    signed: {
      content: bytes.concat(content.whole),
      algorithm: der.dotted(der.inside(algorithm?.whole)[0]),
      by: bytes.concat(der.bitString(signature)),
    },
    ...identity,
  };
}

function extensionsIn(rest: readonly Element[]): ReadonlyMap<string, Uint8Array> {
  const held = rest.find(({ tag }) => tag === EXTENSIONS);
  const found = new Map<string, Uint8Array>();
  for (const { whole } of der.inside(held?.value)) {
    const parts = der.inside(whole);
    const name = der.dotted(parts[0]);
    if (found.has(name)) throw new RangeError("an extension stands twice");
    found.set(name, der.only(parts.at(-1)?.whole, der.TAG.octets).value);
  }
  return found;
}

type Attribute = readonly [type: string, value: string];

function attributes(name: Element | undefined): readonly Attribute[] {
  return der.inside(name?.whole).map(({ value }) => {
    const [type, text] = der.inside(value);
    const dotted = der.dotted(type);
    return [TYPES[dotted] ?? dotted, der.text(text)];
  });
}

const spelled = (names: readonly Attribute[]): string =>
  names
    .toReversed()
    .map(([type, value]) => `${type}=${value}`)
    .join(",");

/** One policy, and the notice in it. */
function policyIn(raw: Uint8Array | undefined): { policy: string; notice: string } {
  const [information] = der.inside(raw);
  const [name, qualifiers] = der.inside(information?.whole);
  let notice = "";
  for (const { whole } of qualifiers === undefined ? [] : der.inside(qualifiers.whole)) {
    const [type, value] = der.inside(whole);
    if (der.dotted(type) === oids.userNotice) notice = der.text(der.inside(value?.whole).at(-1));
  }
  return { policy: der.dotted(name), notice };
}

type Identity = Pick<JointCertificate, "realName" | "vid">;

/** identifyData among the names: the real name, and the VID where there is one. */
function identityIn(raw: Uint8Array | undefined): Identity {
  for (const { tag, value } of raw === undefined ? [] : der.inside(raw)) {
    if (tag !== 0xa0) continue;
    const [type, held] = der.elements(value);
    if (der.dotted(type) !== oids.identifyData) continue;
    const [realName, userInfo] = der.inside(der.only(held?.whole, 0xa0).value);
    return { realName: der.text(realName), vid: vidIn(userInfo) };
  }
  return { realName: "", vid: null };
}

function vidIn(userInfo: Element | undefined): Identity["vid"] {
  for (const { whole } of userInfo === undefined ? [] : der.inside(userInfo.whole)) {
    const [type, value] = der.inside(whole);
    if (der.dotted(type) !== oids.vid) continue;
    const [hash, id] = der.inside(value?.whole);
    const octets = der.only(der.only(id?.whole, 0xa0).value, der.TAG.octets).value;
    return { hash: der.dotted(der.inside(hash?.whole)[0]), value: bytes.concat(octets) };
  }
  return null;
}

/** UTCTime before 2050, GeneralizedTime after (RFC 5280, 4.1.2.5), always to the second in UTC. */
function instant(element: Element | undefined): number {
  const text = new TextDecoder().decode(element?.value);
  const short = element?.tag === UTC_TIME && /^[0-9]{12}Z$/.test(text);
  const long = element?.tag === GENERALIZED_TIME && /^[0-9]{14}Z$/.test(text);
  if (!short && !long) throw new RangeError("not a time");
  const whole = long ? text : `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}`;
  const part = (from: number, size = 2): number => Number(whole.slice(from, from + size));
  const month = part(4) - 1;
  return Date.UTC(part(0, 4), month, part(6), part(8), part(10), part(12)) * 1000;
}

function hex(raw: Uint8Array): string {
  const digits = Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^0+(?=.)/, "");
}
