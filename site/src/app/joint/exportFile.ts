import type { Bytes } from "../../crypto/bytes.ts";
import { certificate } from "../../joint/certificate.ts";
import { folder } from "../../joint/folder.ts";
import { keyFile } from "../../joint/keyFile.ts";
import type { KeptKey } from "../../joint/keyring.ts";
import { pkcs12 } from "../../joint/pkcs12.ts";
import { pkcs8, type PrivateKey } from "../../joint/pkcs8.ts";
import { zip } from "../../joint/zip.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";

export type ExportForm = "zip" | "old" | "p12";
export type ExportFile = { readonly name: string; readonly type: string; readonly content: Bytes };

/**
 * The file a customer takes along, under the same password. The password is asked again, so that
 * nobody takes the file of a browser that was left open.
 */
export function exportFile(
  { file, certificate: held }: KeptKey,
  password: string,
  form: ExportForm,
): Outcome<ExportFile> {
  if (held === null) return problem("joint_no_key_here");
  const opened = keyFile.open(file, password);
  if (!opened.ok) return opened;
  const found = certificate(held.der);
  const name = `joint-${found.serial}`;
  const plain = withRandom(opened.value);
  if (form === "p12") {
    const content = { certificate: held.der, keyId: found.keyId, key: plain };
    const packed = pkcs12(content, password, [chance(8), chance(8)]);
    plain.fill(0);
    return done({ name: `${name}.p12`, type: "application/x-pkcs12", content: packed });
  }
  const old = { form: "seed", salt: chance(8), iv: chance(16) } as const;
  const key = form === "old" ? keyFile.seal(plain, password, old) : file;
  plain.fill(0);
  const [, authority = ""] = held.folder.split("/");
  const files = folder({ authority, subject: found.subject, certificate: held.der, key });
  return done({
    name: `${name}.zip`,
    type: "application/zip",
    content: zip.write(files, Date.now()),
  });
}

const withRandom = (key: PrivateKey): Bytes =>
  key.random === null ? key.pkcs8 : pkcs8.withRandom(key.pkcs8, key.random);

const chance = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));
