import { expect, test } from "vitest";

import { bytes } from "../crypto/bytes.ts";
import { folder } from "./folder.ts";
import { zip } from "./zip.ts";

const WHEN = Date.UTC(2026, 10, 29, 12, 30, 10);
const FILES = folder({
  authority: "OpenSign",
  subject: "cn=홍길동()0004,ou=A/B:C,o=OpenSign,c=kr",
  certificate: bytes.utf8("certificate"),
  key: bytes.utf8("key"),
});

test("a folder has the names that programs look for", () => {
  expect(FILES.map(({ name }) => name)).toEqual([
    "NPKI/OpenSign/USER/cn=홍길동()0004,ou=A_B_C,o=OpenSign,c=kr/signCert.der",
    "NPKI/OpenSign/USER/cn=홍길동()0004,ou=A_B_C,o=OpenSign,c=kr/signPri.key",
  ]);
});

test("what is written is read again, names and bytes", async () => {
  const written = zip.write(FILES, WHEN);

  expect(await zip.read(written)).toEqual(FILES);
});

test("a name that the file system would not take is cut between letters", () => {
  const [first] = folder({
    authority: "OpenSign",
    subject: `cn=${"가".repeat(100)}`,
    certificate: new Uint8Array(),
    key: new Uint8Array(),
  });
  const name = first?.name.split("/")[3] ?? "";

  expect(bytes.utf8(name).length).toBe(255);
  expect(name).not.toContain("\ufffd");
});

/** Packed by another program: deflated, its name in CP949; 2100 bytes in it. */
const FOREIGN = new Uint8Array(
  Buffer.from(
    "UEsDBBQAAAAIAAAAfV33FGQkGgAAADQIAAAUAAAAY249yKux5i9zaWduQ2VydC5kZXJLyc9KzEtXSBmlRqlRapQa" +
      "pUapUWqUwkcBAFBLAQIUAxQAAAAIAAAAfV33FGQkGgAAADQIAAAUAAAAAAAAAAAAAACAAQAAAABjbj3Iq7HmL3Np" +
      "Z25DZXJ0LmRlclBLBQYAAAAAAQABAEIAAABMAAAAAAA=",
    "base64",
  ),
);

test("what an older program packed is read too, and a bomb does not go off", async () => {
  const bomb = FOREIGN.slice();
  bomb[FOREIGN.length - 22 - 66 + 24] = 100;
  bomb[FOREIGN.length - 22 - 66 + 25] = 0;

  expect(await zip.read(FOREIGN)).toEqual([
    { name: "cn=홍길/signCert.der", content: bytes.utf8("dojang ".repeat(300)) },
  ]);
  expect(await zip.read(bomb)).toBe(null);
});

test.each([
  ["nothing", new Uint8Array()],
  ["no ZIP", bytes.utf8("PK".repeat(100))],
  ["half a ZIP", zip.write(FILES, WHEN).subarray(0, 200)],
  ["a bent ZIP", zip.write(FILES, WHEN).map((byte, at) => (at === 110 ? byte ^ 1 : byte))],
])("%s is refused", async (_, raw) => {
  expect(await zip.read(raw)).toBe(null);
});
