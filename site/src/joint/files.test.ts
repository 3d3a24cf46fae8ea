/** Key file, PKCS#12 and SignedData, read back by us and by OpenSSL. */
import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { certificate } from "./certificate.ts";
import { keyFile, type KeyForm } from "./keyFile.ts";
import { oids } from "./oids.ts";
import { pkcs12 } from "./pkcs12.ts";
import { pkcs8 } from "./pkcs8.ts";
import { rsa } from "./rsa.ts";
import { signedData } from "./signedData.ts";
import { PASSWORD, specimen } from "./testing/specimen.ts";
import { vectors } from "./testing/vectors.ts";
import { vid } from "./vid.ts";

const { raw, hex, joint } = vectors;
const SALT = Uint8Array.from({ length: 8 }, (_, n) => n);
const IV = Uint8Array.from({ length: 16 }, (_, n) => 255 - n);
const SHORT = der.sequence(der.octets(Uint8Array.of(1)));

const made = await specimen();
const opened = keyFile.open(made.file, PASSWORD);
const key = opened.ok ? opened.value : { pkcs8: new Uint8Array(), random: null };
const whole = pkcs8.withRandom(key.pkcs8, made.random);

test("the VID is that of the public specimen", () => {
  const { idn, random, content, value } = joint.vid;

  expect(hex(vid.hashContent(idn, raw(random)))).toBe(content);
  expect(hex(vid.of(idn, raw(random)))).toBe(value);
  expect(() => vid.of("900101-1234567", raw(random))).toThrow(RangeError);
});

describe("signPri.key", () => {
  test("gives key and R back", () => {
    expect(opened.ok).toBe(true);
    expect(key.random).toEqual(made.random);
    expect(
      createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" }).type,
    ).toBe("private");
  });

  test.each(joint.key_files)("of the form $form is byte for byte OpenSSL's", (vector) => {
    const { form, password, salt, iv, plain, file } = vector;
    const how = { form, salt: raw(salt), iv: raw(iv) };

    expect(hex(keyFile.seal(raw(plain), password, how))).toBe(file);
  });

  test.each<[KeyForm, string]>([
    ["seed", "301a06082a831a8c9a44010f300e0408000102030405060702020800"],
    [
      "pbes2",
      "304806092a864886f70d01050d303b301b06092a864886f70d01050c300e040800010203040506070202080030" +
        `1c06082a831a8c9a4401040410${hex(IV)}`,
    ],
  ])("the form %s has the header of real files", (form, header) => {
    const file = keyFile.seal(whole, PASSWORD, { form, salt: SALT, iv: IV });

    expect(hex(file)).toContain(header);
    expect(keyFile.open(file, PASSWORD)).toEqual(opened);
  });

  test.each(["", "sample-pass.42", `${PASSWORD} `, "x"])("not with the password %j", (wrong) => {
    expect(keyFile.open(made.file, wrong)).toMatchObject({ code: "joint_wrong_password" });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["a certificate", made.der],
    ["a key in the clear", whole],
    ["half a file", made.file.subarray(0, 600)],
    ["more than a file", bytes.concat(made.file, SHORT)],
  ])("%s is no key file", (_, file) => {
    expect(keyFile.open(file, PASSWORD)).toMatchObject({ code: "joint_not_a_key" });
  });

  test("a million rounds are refused before one is made", () => {
    const values = der.sequence(der.octets(SALT), der.integer(10_000_000));
    const file = der.sequence(der.sequence(der.oid(oids.seedFromPbkdf1), values), der.octets(IV));

    expect(keyFile.open(file, PASSWORD)).toMatchObject({ code: "joint_not_a_key" });
  });

  test("another encryption is called by its name", () => {
    const file = der.sequence(
      der.sequence(der.oid(oids.tripleDesFromPkcs12), SHORT),
      der.octets(IV),
    );

    expect(keyFile.open(file, PASSWORD)).toMatchObject({ code: "joint_key_sealed_otherwise" });
  });
});

test("what stands in the certificate is read", () => {
  const found = certificate(made.der);

  expect(found).toMatchObject({
    serial: "1001",
    subject: "cn=홍길동()0004041202611290000000001,ou=personal4IB,o=OpenSign,c=kr",
    policy: "1.2.410.200099.1.1.4",
    notice: "시험용",
    realName: "홍길동",
    keyUsage: 0xc0,
    notBefore: Date.UTC(2025, 10, 28, 15) * 1000,
    notAfter: Date.UTC(2037, 10, 29, 14, 59, 59) * 1000,
  });
  expect(found.publicKey).toEqual(made.publicKey);
});

describe.skipIf(spawnSync("openssl", ["version"]).status !== 0)("OpenSSL", () => {
  const folder = mkdtempSync(join(tmpdir(), "dojang-joint-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const openssl = (...words: readonly string[]): string =>
    execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const pass = ["-passin", `pass:${PASSWORD}`];
  const legacy = ["-provider", "legacy", "-provider", "default"];

  test("reads the key file of the form PBES2", () => {
    const path = file("signPri.key", made.file);
    const plain = openssl("pkcs8", ...legacy, "-inform", "der", "-in", path, ...pass);

    expect(createPrivateKey(plain)).toEqual(
      createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" }),
    );
  });

  test("reads the PKCS#12 file, with R in it, and its MAC is right", () => {
    const { keyId } = certificate(made.der);
    const content = { certificate: made.der, keyId, key: whole };
    const path = file("user.p12", pkcs12(content, PASSWORD, [SALT, SALT.toReversed()]));

    const told = openssl("pkcs12", "-in", path, "-nodes", ...pass);

    expect(told).toContain("BEGIN CERTIFICATE");
    expect(told).toContain("BEGIN PRIVATE KEY");
    expect(told).toContain(`${oids.randomNum}:`);
    expect(() => openssl("pkcs12", "-in", path, "-nodes", "-passin", "pass:x")).toThrow();
  });

  test("verifies the SignedData, and not over other content", async () => {
    const signing = await rsa.signingKey(key.pkcs8);
    const content = bytes.utf8("연말정산 자료를 신청합니다.");
    const of = { content, certificate: certificate(made.der), key: signing, now: Date.now() };
    const signed = await signedData(of);
    const verify = (path: string): string =>
      openssl("cms", "-verify", "-noverify", "-inform", "der", "-in", path);
    const bent = signed.slice();
    const at = Buffer.from(signed).indexOf(Buffer.from(content));
    bent[at] = (bent[at] ?? 0) ^ 1;

    expect(verify(file("signed.der", signed))).toBe("연말정산 자료를 신청합니다.");
    expect(() => verify(file("bent.der", bent))).toThrow();
  });
});
