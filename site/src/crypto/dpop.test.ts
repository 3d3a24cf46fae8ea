import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { b64u } from "./b64u.ts";
import { bytes } from "./bytes.ts";
import { dpop } from "./dpop.ts";

const OF = {
  method: "POST",
  url: "http://localhost:8000/v1/signing/begin?x=1#y",
  body: bytes.utf8("{}"),
  jti: "AAAAAAAAAAAAAAAAAAAAAA",
  issuedAt: 1_700_000_000,
  nonce: "n1",
  token: "t1",
};

function opened(proof: string): { header: unknown; claims: Record<string, unknown> } {
  const [header = "", claims = ""] = proof.split(".");
  const text = (word: string) => new TextDecoder().decode(b64u.decode(word));
  return { header: JSON.parse(text(header)), claims: JSON.parse(text(claims)) };
}

test("the private half of the device key cannot be taken out", async () => {
  const key = await dpop.createKey();

  expect(key.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key.privateKey)).rejects.toThrow();
});

test("a proof binds method, address without query, body, nonce and token", async () => {
  const { claims } = opened(await dpop.proof(await dpop.createKey(), OF));

  expect(claims).toEqual({
    jti: OF.jti,
    htm: "POST",
    htu: "http://localhost:8000/v1/signing/begin",
    iat: 1_700_000_000,
    nonce: "n1",
    bsh: "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o",
    ath: "YotJ2W3N6XpDDdT1l3BYmeCalo95NJHktwTK4zpA3AI",
  });
});

test("a proof without a token has no ath, and before the first nonce an empty one", async () => {
  const key = await dpop.createKey();

  const { claims } = opened(await dpop.proof(key, { ...OF, nonce: "", token: null }));

  expect(Object.keys(claims).sort()).toEqual(["bsh", "htm", "htu", "iat", "jti", "nonce"]);
});

test("the proof verifies under the key it carries", async () => {
  const key = await dpop.createKey();
  const proof = await dpop.proof(key, OF);

  const [header = "", claims = "", signature = ""] = proof.split(".");
  const jwk = (opened(proof).header as { jwk: JsonWebKey }).jwk;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const carried = await crypto.subtle.importKey("jwk", jwk, curve, false, ["verify"]);
  const verdict = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    carried,
    b64u.decode(signature, 64),
    bytes.utf8(`${header}.${claims}`),
  );

  expect(verdict).toBe(true);
});

test("the claims are those of the vectors, and the thumbprint too", async () => {
  type Case = { body_text: string; proof: string; access_token: string | null };
  const path = new URL("../../../tests/vectors/dpop.json", import.meta.url);
  const file = JSON.parse(readFileSync(path, "utf8")) as { jwk: JsonWebKey; jkt: string } & {
    cases: (Case & { method: string; url: string; nonce: string; jti: string; iat: number })[];
  };
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const carried = await crypto.subtle.importKey("jwk", file.jwk, curve, true, ["verify"]);
  const own = await dpop.createKey();

  expect(await dpop.thumbprint({ ...own, publicKey: carried })).toBe(file.jkt);
  for (const { proof, body_text, iat, access_token, ...of } of file.cases) {
    const made = await dpop.proof(own, {
      ...of,
      body: bytes.utf8(body_text),
      issuedAt: iat,
      token: access_token,
    });
    expect(opened(made).claims).toEqual(opened(proof).claims);
  }
});
