import { expect, test } from "vitest";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { certificate } from "./certificate.ts";
import { folder } from "./folder.ts";
import { inspect, type Asked, type Finding } from "./inspect.ts";
import { keyFile } from "./keyFile.ts";
import { oids } from "./oids.ts";
import { pkcs8 } from "./pkcs8.ts";
import { AUTHORITY, IDN, list, PASSWORD, specimen, type Bent } from "./testing/specimen.ts";
import type { ZipFile } from "./zip.ts";

const NOW = Date.UTC(2026, 10, 29, 12) * 1000;
const SALT = { form: "seed", salt: new Uint8Array(8), iv: new Uint8Array(16) } as const;

const authority = await specimen({ subject: AUTHORITY });
const stranger = await specimen({ subject: AUTHORITY });
const KNOWN = { der: authority.der, list: await list(authority, [1, 2, 3]) };
const good = await specimen({ authority });

function files(certified: Bytes, key: Bytes): readonly ZipFile[] {
  const { subject } = certificate(certified);
  return folder({ authority: "OpenSign", subject, certificate: certified, key });
}

const FOLDER = files(good.der, good.file);
const BASE = { files: FOLDER, password: PASSWORD, number: IDN, now: NOW, authority: KNOWN };

async function findings(asked: Partial<Asked>): Promise<readonly Finding[]> {
  return (await inspect({ ...BASE, ...asked })).findings;
}

const renamed = (change: (name: string) => string): readonly ZipFile[] =>
  FOLDER.map(({ name, content }) => ({ name: change(name), content }));
const withContent = (n: number, content: Bytes): readonly ZipFile[] =>
  FOLDER.map((file, at) => (at === n ? { ...file, content } : file));
const cut = (raw: Bytes): Bytes => raw.slice(0, -1);

/** The same key, sealed again with another R. */
function resealed(random: Bytes | null): Bytes {
  const opened = keyFile.open(good.file, PASSWORD);
  if (!opened.ok) throw new Error("the specimen's key");
  const plain = opened.value.pkcs8;
  return keyFile.seal(random === null ? plain : pkcs8.withRandom(plain, random), PASSWORD, SALT);
}

test("a folder as it should be has nothing wrong, with and without a number to compare", async () => {
  expect(await findings({})).toEqual([]);
  expect(await findings({ number: "" })).toEqual([]);
  expect(await findings({ files: renamed((name) => name.replace("USER", "User")) })).toEqual([]);
});

test.each<[Finding, Partial<Asked>]>([
  ["no_certificate", { files: [] }],
  ["no_certificate", { files: FOLDER.slice(1) }],
  ["no_key", { files: FOLDER.slice(0, 1) }],
  ["several", { files: [...FOLDER, ...FOLDER] }],
  ["not_in_place", { files: renamed((name) => name.replace("USER", "ROOT")) }],
  ["folder_name", { files: renamed((name) => name.replace("홍길동", "홍길순")) }],
  ["not_a_certificate", { files: withContent(0, bytes.utf8("-----BEGIN CERTIFICATE-----")) }],
  ["not_a_certificate", { files: withContent(0, cut(good.der)) }],
  ["not_a_certificate", { files: withContent(0, bytes.concat(good.der, Uint8Array.of(0))) }],
  ["joint_not_a_key", { files: withContent(1, good.der) }],
  ["joint_not_a_key", { files: withContent(1, cut(good.file)) }],
  ["joint_wrong_password", { password: `${PASSWORD}!` }],
  [
    "joint_wrong_password",
    {
      files: withContent(
        1,
        good.file.map((b, n) => (n < 1200 ? b : b ^ 1)),
      ),
    },
  ],
  ["other_key", { files: withContent(1, stranger.file) }],
  ["no_random", { files: withContent(1, resealed(null)) }],
  ["random_size", { files: withContent(1, resealed(new Uint8Array(19))) }],
  ["other_person", { files: withContent(1, resealed(new Uint8Array(20))) }],
  ["other_person", { number: "9001011234568" }],
  ["not_yet", { now: Date.UTC(2025, 10, 28, 14, 59, 59) * 1000 }],
  ["expired", { now: Date.UTC(2037, 10, 29, 15) * 1000 }],
  ["status_unknown", { authority: null }],
  ["status_unknown", { authority: { ...KNOWN, list: await list(stranger, []) } }],
  ["status_unknown", { authority: { ...KNOWN, list: new Uint8Array() } }],
  ["revoked", { authority: { ...KNOWN, list: await list(authority, [3, 4097]) } }],
  ["forged", { authority: { ...KNOWN, der: stranger.der } }],
  ["unknown_issuer", { authority: { ...KNOWN, der: (await specimen()).der } }],
])("%s is found (%#)", async (finding, asked) => {
  expect(await findings(asked)).toContain(finding);
});

test.each<[Finding, Bent]>([
  ["signed_otherwise", { algorithm: der.sequence(der.oid("1.2.840.113549.1.1.5"), der.nothing()) }],
  ["weak_key", { publicKey: der.sequence(der.sequence(der.oid(oids.sha1)), der.bits(AUTHORITY)) }],
  ["key_usage", { keyUsage: 0x20 }],
  ["no_name", { realName: "" }],
  ["no_vid", { withoutVid: true }],
  ["vid_hash", { vidHash: oids.sha1 }],
  ["forged", { authority: stranger }],
  ["other_person", { idn: "9001011234568" }],
])("a certificate that has %s is told so", async (finding, bent) => {
  const made = await specimen({ authority, ...bent });

  expect(await findings({ files: files(made.der, made.file) })).toContain(finding);
});
