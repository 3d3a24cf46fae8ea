import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { cbc } from "./cbc.ts";
import { oids } from "./oids.ts";
import { tripleDes } from "./tripleDes.ts";

const ROUNDS = 1024;
const ENCRYPTION = 1;
const IV = 2;
const MAC = 3;

type Content = {
  readonly certificate: Uint8Array;
  /** SubjectKeyIdentifier of the certificate: it ties key and certificate together. */
  readonly keyId: Uint8Array;
  /** PrivateKeyInfo with R in it; most libraries drop R when they write such a file. */
  readonly key: Uint8Array;
};

/**
 * PKCS#12 (RFC 7292) as the Korean authorities write it: the certificate in the clear, the key under
 * triple DES, the whole under an HMAC with SHA-1. `salts` are two times 8 bytes of chance.
 */
export function pkcs12(
  { certificate, keyId, key }: Content,
  password: string,
  [keySalt, macSalt]: readonly [Uint8Array, Uint8Array],
): Bytes {
  const attributes = der.set(der.sequence(der.oid(oids.localKeyId), der.set(der.octets(keyId))));
  const certified = der.sequence(der.oid(oids.x509Certificate), tagged(der.octets(certificate)));
  const bags = der.sequence(
    der.sequence(der.oid(oids.certBag), tagged(certified), attributes),
    der.sequence(
      der.oid(oids.shroudedKeyBag),
      tagged(shrouded(key, password, keySalt)),
      attributes,
    ),
  );
  const safe = der.sequence(data(bags));
  const mac = hmac(sha1, derived(password, macSalt, MAC, 20), safe);
  const digest = der.sequence(der.sequence(der.oid(oids.sha1), der.nothing()), der.octets(mac));
  const macData = der.sequence(digest, der.octets(macSalt), der.integer(ROUNDS));
  return der.sequence(der.integer(3), data(safe), macData);
}

const tagged = (content: Uint8Array): Bytes => der.tlv(0xa0, content);
const data = (content: Uint8Array): Bytes =>
  der.sequence(der.oid(oids.data), tagged(der.octets(content)));

function shrouded(key: Uint8Array, password: string, salt: Uint8Array): Bytes {
  const cipher = tripleDes(derived(password, salt, ENCRYPTION, 24));
  const sealed = cbc.encrypt(cipher, derived(password, salt, IV, 8), key);
  const values = der.sequence(der.octets(salt), der.integer(ROUNDS));
  return der.sequence(der.sequence(der.oid(oids.tripleDesFromPkcs12), values), der.octets(sealed));
}

/** RFC 7292, appendix B.2, with SHA-1; the password in UTF-16 with two zero bytes behind it. */
function derived(password: string, salt: Uint8Array, id: number, size: number): Bytes {
  const block = 64;
  const spelled = Uint8Array.from(
    [...`${password}\0`].flatMap((letter) => [
      letter.charCodeAt(0) >> 8,
      letter.charCodeAt(0) & 255,
    ]),
  );
  const input = bytes.concat(filled(salt, block), filled(spelled, block));
  const out: Uint8Array[] = [];
  for (let have = 0; have < size; have += 20) {
    let turned: Uint8Array = bytes.concat(new Uint8Array(block).fill(id), input);
    for (let round = 0; round < ROUNDS; round += 1) turned = sha1(turned);
    out.push(turned);
    addTo(input, filled(turned, block, block), block);
  }
  return bytes.concat(...out).slice(0, size);
}

/** Repeated until it fills whole blocks; `size` instead of that when it is given. */
function filled(value: Uint8Array, block: number, size?: number): Bytes {
  const length = size ?? Math.ceil(value.length / block) * block;
  return Uint8Array.from({ length }, (_, at) => value[at % value.length] ?? 0);
}

/** Adds `step` + 1 to each block of `input`, modulo 2^512. */
function addTo(input: Uint8Array, step: Uint8Array, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at -= 1) {
      carry += (input[start + at] ?? 0) + (step[at] ?? 0);
      input[start + at] = carry & 255;
      carry >>= 8;
    }
  }
}
