import { bytes, type Bytes } from "../crypto/bytes.ts";
import { certificate, type JointCertificate } from "./certificate.ts";
import { folder } from "./folder.ts";
import { keyFile, type KeyRefusal } from "./keyFile.ts";
import { oids } from "./oids.ts";
import type { PrivateKey } from "./pkcs8.ts";
import { revocation } from "./revocation.ts";
import { rsa } from "./rsa.ts";
import { vid } from "./vid.ts";
import type { ZipFile } from "./zip.ts";

/** What can be wrong with a folder; each has its sentence in `words`. */
export type Finding =
  | KeyRefusal
  | "no_certificate"
  | "no_key"
  | "several"
  | "not_in_place"
  | "folder_name"
  | "not_a_certificate"
  | "signed_otherwise"
  | "weak_key"
  | "key_usage"
  | "no_name"
  | "no_vid"
  | "vid_hash"
  | "not_yet"
  | "expired"
  | "unknown_issuer"
  | "forged"
  | "revoked"
  | "status_unknown"
  | "other_key"
  | "no_random"
  | "random_size"
  | "other_person";

export type Inspected = {
  readonly certificate: JointCertificate | null;
  readonly findings: readonly Finding[];
};

export type Asked = {
  readonly files: readonly ZipFile[];
  readonly password: string;
  /** The number whose certificate it should be; empty when it is not to be compared. */
  readonly number: string;
  /** Microseconds since 1970. */
  readonly now: number;
  /** The authority we know, and its list; null when they could not be fetched. */
  readonly authority: { readonly der: Bytes; readonly list: Bytes } | null;
};

const SIGNS = 0xc0;
const RANDOM_BYTES = 20;

/**
 * Everything that is wrong with an NPKI folder, and not only the first thing. All of it happens
 * here: neither password nor key leave the browser.
 */
export async function inspect({ files, ...asked }: Asked): Promise<Inspected> {
  const certificates = files.filter(({ name }) => isNamed(name, "signCert.der"));
  const keys = files.filter(({ name }) => isNamed(name, "signPri.key"));
  if (certificates.length > 1 || keys.length > 1) return only("several");
  const [held] = certificates;
  const [key] = keys;
  if (held === undefined) return only("no_certificate");
  const found = read(held.content);
  if (found === null) return only("not_a_certificate");
  const findings = [
    ...placeOf(held.name, found),
    ...profile(found),
    ...validity(found, asked.now),
    ...(await issued(found, asked.authority)),
    ...(key === undefined ? (["no_key"] as const) : await ownKey(key.content, found, asked)),
  ];
  return { certificate: found, findings };
}

const only = (finding: Finding): Inspected => ({ certificate: null, findings: [finding] });

const isNamed = (path: string, name: string): boolean =>
  path.split("/").at(-1)?.toLowerCase() === name.toLowerCase();

function read(raw: Bytes): JointCertificate | null {
  try {
    return certificate(raw);
  } catch {
    return null;
  }
}

/** Programs search NPKI/<CA>/USER and show the folder's name as the certificate's. */
function placeOf(path: string, { subject }: JointCertificate): readonly Finding[] {
  const parts = path.split("/");
  const [wanted] = folder({
    authority: "",
    subject,
    certificate: new Uint8Array(),
    key: new Uint8Array(),
  });
  const named = wanted?.name.split("/").at(-2) === parts.at(-2);
  const above = parts.at(-3);
  const placed = above === undefined || above.toUpperCase() === "USER";
  return [
    ...(placed ? [] : (["not_in_place"] as const)),
    ...(named ? [] : (["folder_name"] as const)),
  ];
}

function profile(of: JointCertificate): readonly Finding[] {
  const wrong: (readonly [Finding, boolean])[] = [
    ["signed_otherwise", of.signed.algorithm !== oids.sha256WithRsa],
    ["weak_key", isWeak(of.publicKey)],
    ["key_usage", of.keyUsage !== SIGNS],
    ["no_name", of.realName === ""],
    ["no_vid", of.vid === null],
    ["vid_hash", of.vid !== null && of.vid.hash !== oids.sha256],
  ];
  return wrong.filter(([, is]) => is).map(([finding]) => finding);
}

function isWeak(publicKey: Bytes): boolean {
  try {
    const { bits, exponent } = rsa.sizeOf(publicKey);
    return bits < 2048 || exponent !== 65_537;
  } catch {
    return true;
  }
}

function validity({ notBefore, notAfter }: JointCertificate, now: number): readonly Finding[] {
  if (now < notBefore) return ["not_yet"];
  return now > notAfter ? ["expired"] : [];
}

async function issued(
  { issuer, serialDer, signed }: JointCertificate,
  known: Asked["authority"],
): Promise<readonly Finding[]> {
  if (known === null) return ["status_unknown"];
  const authority = certificate(known.der);
  if (!bytes.equal(authority.subjectDer, issuer)) return ["unknown_issuer"];
  if (!(await rsa.verifies(authority.publicKey, signed.content, signed.by))) return ["forged"];
  const revoked = await revocation(known.list, authority, serialDer);
  if (revoked === null) return ["status_unknown"];
  return revoked ? ["revoked"] : [];
}

async function ownKey(
  file: Bytes,
  of: JointCertificate,
  { password, number }: Pick<Asked, "password" | "number">,
): Promise<readonly Finding[]> {
  const opened = keyFile.open(file, password);
  if (!opened.ok) return [opened.code];
  const { random } = opened.value;
  const belongs = await fits(opened.value, of.publicKey);
  return [
    ...(belongs ? [] : (["other_key"] as const)),
    ...(random === null ? (["no_random"] as const) : []),
    ...(random !== null && random.length !== RANDOM_BYTES ? (["random_size"] as const) : []),
    ...(random !== null && isOther(of, number, random) ? (["other_person"] as const) : []),
  ];
}

/** The key signs what the certificate's key verifies. */
async function fits({ pkcs8 }: PrivateKey, publicKey: Bytes): Promise<boolean> {
  try {
    const message = crypto.getRandomValues(new Uint8Array(32));
    const signature = await rsa.sign(await rsa.signingKey(pkcs8), message);
    return await rsa.verifies(publicKey, message, signature);
  } catch {
    return false;
  }
}

function isOther({ vid: held }: JointCertificate, number: string, random: Uint8Array): boolean {
  if (held === null || number === "" || held.hash !== oids.sha256) return false;
  return !bytes.equal(vid.of(number, random), held.value);
}
