import { sha512 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "./bytes.ts";
import { point, type Point } from "./point.ts";
import { scalar } from "./scalar.ts";

/** What a side publishes in round 1: commitments to both coefficients, a proof of the first. */
export type DkgPackage = { readonly c0: Bytes; readonly c1: Bytes; readonly pok: Bytes };

/** The phone's coefficients; in memory until E2 is answered, then forgotten. */
export type DkgSecret = { readonly a0: bigint; readonly a1: bigint };

/** The result: PK and f(1), which the server's delta of each instance then moves away from s1. */
export type DkgResult = {
  readonly publicKey: Bytes;
  readonly share: bigint;
  readonly shareForServer: Bytes;
};

const PHONE = 1n;
const SERVER = 2n;

/**
 * Two-of-two distributed key generation as frost-core does it (PROTOCOL 1): the whole key exists
 * nowhere, also not on the phone. Ids: 1 = phone, 2 = server.
 */
export const dkg = {
  /** `random(64)` is called three times: a0, a1, then the nonce of the proof. */
  secret(random: (length: number) => Uint8Array): DkgSecret & { readonly k: bigint } {
    const draw = () => scalar.reduce(random(64));
    return { a0: draw(), a1: draw(), k: draw() };
  },

  publish(secret: DkgSecret, k: bigint, id: 1 | 2 = 1): DkgPackage {
    const c0 = point.encode(point.mulBase(secret.a0));
    const c1 = point.encode(point.mulBase(secret.a1));
    const r = point.encode(point.mulBase(k));
    const mu = scalar.add(k, scalar.mul(secret.a0, challenge(BigInt(id), c0, r)));
    return { c0, c1, pok: bytes.concat(r, scalar.encode(mu)) };
  },

  /** Throws RangeError unless pok proves knowledge of the secret behind c0: mu*B = R + c*C0. */
  checkProof(peer: DkgPackage, id: 1 | 2 = 2): void {
    if (peer.pok.length !== 64) throw new RangeError("a proof of knowledge has 64 bytes");
    const r = point.decode(peer.pok.subarray(0, 32));
    const mu = scalar.decode(peer.pok.subarray(32));
    const c = challenge(BigInt(id), peer.c0, peer.pok.subarray(0, 32));
    const expected = r.add(times(point.decode(peer.c0), c));
    if (!times(point.base, mu).equals(expected))
      throw new RangeError("proof of knowledge is wrong");
  },

  /**
   * Checks everything the server sent and finishes the phone's side: f_s(1)*B = C0 + C1, and PK is
   * not the identity. Throws RangeError, and then nothing may be sent to the server.
   */
  finish(own: DkgSecret, server: DkgPackage, serverShare: Uint8Array): DkgResult {
    dkg.checkProof(server, 2);
    const received = scalar.decode(serverShare);
    const c0 = point.decode(server.c0);
    const expected = c0.add(point.decode(server.c1));
    if (!times(point.base, received).equals(expected)) throw new RangeError("share is wrong");

    const publicKey = point.mulBase(own.a0).add(c0);
    if (publicKey.is0()) throw new RangeError("public key is the identity");
    return {
      publicKey: point.encode(publicKey),
      share: scalar.add(evaluate(own, PHONE), received),
      shareForServer: scalar.encode(evaluate(own, SERVER)),
    };
  },
};

function evaluate({ a0, a1 }: DkgSecret, x: bigint): bigint {
  return scalar.add(a0, scalar.mul(a1, x));
}

function times(element: Point, factor: bigint): Point {
  return factor === 0n ? element.subtract(element) : element.multiply(factor);
}

function challenge(id: bigint, c0: Uint8Array, r: Uint8Array): bigint {
  const prefix = bytes.utf8("FROST-ED25519-SHA512-v1dkg");
  return scalar.reduce(sha512(bytes.concat(prefix, scalar.encode(id), c0, r)));
}
