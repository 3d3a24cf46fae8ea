import { bytes } from "../crypto/bytes.ts";
import type { ZipFile } from "./zip.ts";

const NAME_BYTES_MAX = 255;

type Of = {
  readonly authority: string;
  /** The subject, leaf first. */
  readonly subject: string;
  readonly certificate: ZipFile["content"];
  readonly key: ZipFile["content"];
};

/** The files of one certificate, at the places where programs look: NPKI/…/USER/cn=…/signCert.der. */
export function folder({ authority, subject, certificate, key }: Of): readonly ZipFile[] {
  const place = `NPKI/${authority}/USER/${folderName(subject)}`;
  return [
    { name: `${place}/signCert.der`, content: certificate },
    { name: `${place}/signPri.key`, content: key },
  ];
}

/** NFC, no letter that a file system forbids, and no more bytes than a file system takes. */
function folderName(subject: string): string {
  let name = subject.normalize("NFC").replace(/[\\/:*?"<>|\p{Cc}]/gu, "_");
  while (bytes.utf8(name).length > NAME_BYTES_MAX) name = [...name].slice(0, -1).join("");
  return name;
}
