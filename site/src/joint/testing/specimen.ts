import { bytes, type Bytes } from "../../crypto/bytes.ts";
import { der } from "../../crypto/der.ts";
import { newKey } from "../newKey.ts";
import { oids } from "../oids.ts";
import { vid } from "../vid.ts";

/** What a test may bend; everything else is as the profile says. */
export type Bent = {
  /** Who signs it; without one it signs itself, in the name of an authority. */
  readonly authority?: Signer;
  readonly subject?: Bytes;
  readonly realName?: string;
  readonly algorithm?: Bytes;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly keyUsage?: number;
  readonly idn?: string;
  readonly withoutVid?: boolean;
  readonly vidHash?: string;
  readonly publicKey?: Bytes;
};

export const PASSWORD = "Sample-Pass.42";
export const IDN = "9001011234567";

type Signer = { readonly sign: (message: Bytes) => Promise<Bytes> };

const RSA_SHA256 = der.sequence(der.oid(oids.sha256WithRsa), der.nothing());
const POLICY = "1.2.410.200099.1.1.4";

/**
 * A certificate of the profile with its key file, made for one test. It is signed by its own key
 * in the place of an authority's.
 */
export async function specimen(bent: Bent = {}) {
  const key = await newKey(PASSWORD);
  const algorithm = bent.algorithm ?? RSA_SHA256;
  const id = vid.of(bent.idn ?? IDN, key.random);
  const extensions = [
    extension(oids.subjectKeyId, der.octets(new Uint8Array(20).fill(7))),
    extension(oids.keyUsage, der.tlv(0x03, Uint8Array.of(6, bent.keyUsage ?? 0xc0)), true),
    extension(oids.certificatePolicies, policies(), true),
    extension(oids.subjectAltName, identity(id, bent)),
  ];
  const tbs = der.sequence(
    der.tlv(0xa0, der.integer(2)),
    der.integer(4097),
    algorithm,
    AUTHORITY,
    der.sequence(time(bent.notBefore ?? "251128150000Z"), time(bent.notAfter ?? "371129145959Z")),
    bent.subject ?? PERSON,
    bent.publicKey ?? key.publicKey,
    der.tlv(0xa3, der.sequence(...extensions)),
  );
  const signature = await (bent.authority ?? key).sign(tbs);
  return { ...key, der: der.sequence(tbs, algorithm, der.bits(signature)) };
}

export const AUTHORITY = named([
  ["2.5.4.6", "kr"],
  ["2.5.4.10", "OpenSign"],
  ["2.5.4.3", "Test CA"],
]);
const PERSON = named([
  ["2.5.4.6", "kr"],
  ["2.5.4.10", "OpenSign"],
  ["2.5.4.11", "personal4IB"],
  ["2.5.4.3", "홍길동()0004041202611290000000001"],
]);

/** A revocation list of `authority` that names these serial numbers. */
export async function list(authority: Signer, serials: readonly number[]): Promise<Bytes> {
  const entries = serials.map((one) => der.sequence(der.integer(one), time("261129000000Z")));
  const tbs = der.sequence(
    der.integer(1),
    RSA_SHA256,
    AUTHORITY,
    time("261129000000Z"),
    time("261130000000Z"),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
  );
  return der.sequence(tbs, RSA_SHA256, der.bits(await authority.sign(tbs)));
}

function named(parts: readonly (readonly [string, string])[]): Bytes {
  const text = (type: string, value: string): Bytes =>
    type === "2.5.4.6" ? der.tlv(0x13, bytes.utf8(value)) : der.utf8(value);
  return der.sequence(
    ...parts.map(([type, value]) => der.set(der.sequence(der.oid(type), text(type, value)))),
  );
}

function extension(name: string, value: Uint8Array, critical = false): Bytes {
  const yes = critical ? [der.tlv(0x01, Uint8Array.of(0xff))] : [];
  return der.sequence(der.oid(name), ...yes, der.octets(value));
}

function policies(): Bytes {
  const words = [..."시험용"].flatMap((letter) => [
    letter.charCodeAt(0) >> 8,
    letter.charCodeAt(0) & 255,
  ]);
  const notice = der.sequence(der.tlv(0x1e, Uint8Array.from(words)));
  const qualifiers = der.sequence(der.sequence(der.oid(oids.userNotice), notice));
  return der.sequence(der.sequence(der.oid(POLICY), qualifiers));
}

function identity(id: Uint8Array, bent: Bent): Bytes {
  const { withoutVid = false, vidHash = oids.sha256, realName = "홍길동" } = bent;
  const value = der.sequence(der.sequence(der.oid(vidHash)), der.tlv(0xa0, der.octets(id)));
  const info = der.sequence(der.sequence(der.oid(oids.vid), value));
  const data = der.sequence(der.utf8(realName), ...(withoutVid ? [] : [info]));
  return der.sequence(der.tlv(0xa0, der.oid(oids.identifyData), der.tlv(0xa0, data)));
}

const time = (text: string): Bytes => der.tlv(text.length === 13 ? 0x17 : 0x18, bytes.utf8(text));
