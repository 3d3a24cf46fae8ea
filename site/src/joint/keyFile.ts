import { sha1 } from "@noble/hashes/legacy.js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { der } from "../crypto/der.ts";
import { done } from "../kit/done.ts";
import type { Done, Problem } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { cbc } from "./cbc.ts";
import { oids } from "./oids.ts";
import { pkcs8, type PrivateKey } from "./pkcs8.ts";
import { seed } from "./seed.ts";

/** `pbes2` is RFC 8018; `seed` is the older form, whose IV comes out of the password as well. */
export type KeyForm = "pbes2" | "seed";

export type KeyRefusal = "joint_not_a_key" | "joint_key_sealed_otherwise" | "joint_wrong_password";

export type Opened = Done<PrivateKey> | (Problem & { readonly code: KeyRefusal });

type Locked = { readonly key: Uint8Array; readonly iv: Uint8Array };
type Lock = (password: Uint8Array) => Locked;

const ROUNDS = 2048;
const ROUNDS_MAX = 100_000;
const FIXED_IV = bytes.utf8("0123456789012345");

/**
 * signPri.key: EncryptedPrivateKeyInfo (RFC 5958) sealed with SEED-CBC under a password. Anyone who
 * has the file may try passwords on it at home, a few hundred thousand a second on one machine.
 */
export const keyFile = {
  ROUNDS,

  seal(
    plain: Uint8Array,
    password: string,
    how: { readonly form: KeyForm; readonly salt: Uint8Array; readonly iv: Uint8Array },
  ): Bytes {
    const { key, iv } = (how.form === "seed" ? pbkdf1 : derived)(
      how.salt,
      ROUNDS,
      how.iv,
    )(bytes.utf8(password));
    const algorithm = how.form === "seed" ? pbkdf1Header(how.salt) : pbes2Header(how);
    return der.sequence(algorithm, der.octets(cbc.encrypt(seed(key), iv, plain)));
  },

  /** One wrong password in about 256 leaves a right padding, so the key must also be read. */
  open(file: Uint8Array, password: string): Opened {
    let lock: Lock | null;
    let sealed: Uint8Array;
    try {
      const [algorithm, content, ...more] = der.inside(file);
      if (more.length > 0) return refused("joint_not_a_key");
      sealed = der.only(content?.whole, der.TAG.octets).value;
      lock = lockOf(der.inside(algorithm?.whole).map(({ whole }) => whole));
    } catch {
      return refused("joint_not_a_key");
    }
    if (lock === null) return refused("joint_key_sealed_otherwise");
    const { key, iv } = lock(bytes.utf8(password));
    const plain = cbc.decrypt(seed(key), iv, sealed);
    try {
      return plain === null ? refused("joint_wrong_password") : done(pkcs8.read(plain));
    } catch {
      return refused("joint_wrong_password");
    }
  },
};

const refused = (code: KeyRefusal): Problem & { readonly code: KeyRefusal } => ({
  ...problem(code),
  code,
});

/** Null for an encryption that we do not know. */
function lockOf([type, parameters]: readonly Uint8Array[]): Lock | null {
  const named = der.dotted(der.elements(type ?? new Uint8Array())[0]);
  if (named === oids.pbes2) return lockOfPbes2(parameters);
  if (named !== oids.seedFromPbkdf1 && named !== oids.seedCbc) return null;
  const { salt, rounds } = saltOf(der.inside(parameters).map(({ whole }) => whole));
  if (named === oids.seedFromPbkdf1) return pbkdf1(salt, rounds);
  return (password) => ({ ...pbkdf1(salt, rounds)(password), iv: FIXED_IV });
}

function lockOfPbes2(parameters: Uint8Array | undefined): Lock | null {
  const [derivation, encryption] = der.inside(parameters);
  const [name, values] = der.inside(derivation?.whole);
  const [cipher, iv] = der.inside(encryption?.whole);
  const [salt, count, ...more] = der.inside(values?.whole).map(({ whole }) => whole);
  const known = der.dotted(name) === oids.pbkdf2 && der.dotted(cipher) === oids.seedCbc;
  if (!known || !more.every(isKeyLength)) return null;
  const found = saltOf([salt, count]);
  return derived(found.salt, found.rounds, der.only(iv?.whole, der.TAG.octets).value);
}

/** keyLength may stand there; a prf other than the default may not. */
function isKeyLength(one: Uint8Array): boolean {
  const [element] = der.elements(one);
  return element?.tag === der.TAG.integer && der.number(element) === 16;
}

function saltOf([salt, count]: readonly (Uint8Array | undefined)[]) {
  const rounds = der.number(der.elements(count ?? new Uint8Array())[0]);
  if (rounds < 1 || rounds > ROUNDS_MAX) throw new RangeError("the iteration count");
  return { salt: der.only(salt, der.TAG.octets).value, rounds };
}

/** SHA-1 again and again over password and salt; its last four bytes make the IV. */
function pbkdf1(salt: Uint8Array, rounds: number): Lock {
  return (password) => {
    let turned: Uint8Array = sha1(bytes.concat(password, salt));
    for (let round = 1; round < rounds; round += 1) turned = sha1(turned);
    return { key: turned.subarray(0, 16), iv: sha1(turned.subarray(16)).subarray(0, 16) };
  };
}

/** PBKDF2 with HMAC-SHA1 (RFC 8018, section 5.2). */
function derived(salt: Uint8Array, rounds: number, iv: Uint8Array): Lock {
  return (password) => ({ key: pbkdf2(sha1, password, salt, { c: rounds, dkLen: 16 }), iv });
}

function pbkdf1Header(salt: Uint8Array): Bytes {
  const values = der.sequence(der.octets(salt), der.integer(ROUNDS));
  return der.sequence(der.oid(oids.seedFromPbkdf1), values);
}

function pbes2Header({ salt, iv }: { readonly salt: Uint8Array; readonly iv: Uint8Array }): Bytes {
  const values = der.sequence(der.octets(salt), der.integer(ROUNDS));
  const derivation = der.sequence(der.oid(oids.pbkdf2), values);
  const cipher = der.sequence(der.oid(oids.seedCbc), der.octets(iv));
  return der.sequence(der.oid(oids.pbes2), der.sequence(derivation, cipher));
}
