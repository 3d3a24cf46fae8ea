import { b64u } from "./b64u.ts";
import { bytes, type Bytes } from "./bytes.ts";

/** What one proof binds; `url` loses query and fragment on the way (RFC 9449 section 4.2). */
export type ProofOf = {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
  /** 16 random bytes, base64url. */
  readonly jti: string;
  /** Seconds; informative only, because the server takes freshness from its own nonce. */
  readonly issuedAt: number;
  /** The server's last nonce; "" before the first, which the server answers with one. */
  readonly nonce: string;
  readonly token: string | null;
};

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** DPoP (RFC 9449) by the device key, with our claim bsh over the body. */
export const dpop = {
  /** The device key: its private half cannot be exported by any script of ours. */
  createKey(): Promise<CryptoKeyPair> {
    return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  },

  async spki(key: CryptoKeyPair): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.exportKey("spki", key.publicKey));
  },

  /** RFC 7638, SHA-256: how a server names this key (`jkt`). */
  async thumbprint(key: CryptoKeyPair): Promise<string> {
    return b64u.encode(await sha256(bytes.utf8(JSON.stringify(await publicJwk(key)))));
  },

  /** The header `DPoP`: ES256 over jti, htm, htu, iat, nonce, bsh and, with a token, ath. */
  async proof(key: CryptoKeyPair, of: ProofOf): Promise<string> {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: await publicJwk(key) };
    const claims = {
      jti: of.jti,
      htm: of.method,
      htu: target(of.url),
      iat: of.issuedAt,
      nonce: of.nonce,
      bsh: b64u.encode(await sha256(of.body)),
      ...(of.token === null ? {} : { ath: b64u.encode(await sha256(bytes.utf8(of.token))) }),
    };
    const input = `${part(header)}.${part(claims)}`;
    const signed = await crypto.subtle.sign(SIGNATURE, key.privateKey, bytes.utf8(input));
    return `${input}.${b64u.encode(new Uint8Array(signed))}`;
  },
};

/** Members in the order RFC 7638 wants, so that the thumbprint is the hash of exactly this. */
async function publicJwk(key: CryptoKeyPair) {
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", key.publicKey);
  return { crv, kty, x, y };
}

function target(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function part(value: object): string {
  return b64u.encode(bytes.utf8(JSON.stringify(value)));
}

async function sha256(raw: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(raw)));
}
