import { sha512 } from "@noble/hashes/sha2.js";

import { bytes, type Bytes } from "./bytes.ts";
import { point, type Point } from "./point.ts";
import { scalar } from "./scalar.ts";

/** One signer's published nonce commitments (RFC 9591 section 5.1), 32 bytes each. */
export type Commitment = { readonly id: number; readonly hiding: Bytes; readonly binding: Bytes };
export type Nonces = { readonly hiding: bigint; readonly binding: bigint };

/** What all signers of one signature agree on; `commitments` ascend by id. */
export type Ceremony = {
  readonly publicKey: Bytes;
  readonly commitments: readonly Commitment[];
  readonly message: Uint8Array;
};

const SUITE = "FROST-ED25519-SHA512-v1";

/** FROST(Ed25519, SHA-512), RFC 9591 sections 4, 5 and 6.1. Peer input that is bad throws. */
export const frost = {
  /** Section 4.1: H3(random | secret); `random` is 32 bytes, `secret` an encoded scalar. */
  nonce(random: Uint8Array, secret: Uint8Array): bigint {
    if (random.length !== 32) throw new RangeError("nonce randomness has 32 bytes");
    return scalar.reduce(hash("nonce", random, secret));
  },

  commit(id: number, nonces: Nonces): Commitment {
    return {
      id,
      hiding: point.encode(point.mulBase(nonces.hiding)),
      binding: point.encode(point.mulBase(nonces.binding)),
    };
  },

  /** Section 4.4, over the published PK, the message and all commitments. */
  bindingFactor(ceremony: Ceremony, id: number): bigint {
    return scalar.reduce(hash("rho", bindingPrefix(ceremony), idBytes(id)));
  },

  /** Section 4.5: R, the first half of the signature. Refuses the identity. */
  groupCommitment(ceremony: Ceremony): Point {
    const prefix = bindingPrefix(ceremony);
    const shares = ceremony.commitments.map(({ id, hiding, binding }) => {
      const rho = scalar.reduce(hash("rho", prefix, idBytes(id)));
      return point.decode(hiding).add(point.decode(binding).multiply(rho));
    });
    const sum = shares.reduce((a, b) => a.add(b));
    if (sum.is0()) throw new RangeError("group commitment is the identity");
    return sum;
  },

  /** Section 4.6: the RFC 8032 challenge. */
  challenge(ceremony: Ceremony): bigint {
    const r = point.encode(frost.groupCommitment(ceremony));
    return scalar.reduce(sha512(bytes.concat(r, ceremony.publicKey, ceremony.message)));
  },

  /** Section 4.2 at x = 0. With participants 1 and 2: lambda1 = 2, lambda2 = -1. */
  lagrange(id: number, ids: readonly number[]): bigint {
    const others = ids.filter((other) => other !== id);
    if (others.length !== ids.length - 1) throw new RangeError("id must stand once in ids");
    return others.reduce((product, other) => {
      const below = scalar.sub(BigInt(other), BigInt(id));
      return scalar.mul(product, scalar.mul(BigInt(other), scalar.inverse(below)));
    }, 1n);
  },

  /** Section 5.2: z = hiding + binding * rho + lambda * share * challenge. */
  signShare(ceremony: Ceremony, id: number, nonces: Nonces, share: bigint): bigint {
    const ids = ceremony.commitments.map((commitment) => commitment.id);
    const rho = frost.bindingFactor(ceremony, id);
    const weighted = scalar.mul(frost.lagrange(id, ids), share);
    const signing = scalar.mul(weighted, frost.challenge(ceremony));
    return scalar.add(scalar.add(nonces.hiding, scalar.mul(nonces.binding, rho)), signing);
  },

  /** Section 5.3: R | sum of the shares. The caller verifies the result; nothing here does. */
  aggregate(ceremony: Ceremony, shares: readonly bigint[]): Bytes {
    const z = shares.reduce((sum, share) => scalar.add(sum, share), 0n);
    return bytes.concat(point.encode(frost.groupCommitment(ceremony)), scalar.encode(z));
  },
};

/** Section 4.4: PK | H4(message) | H5(encoded commitments). */
function bindingPrefix({ publicKey, commitments, message }: Ceremony): Bytes {
  commitments.forEach(({ id }, at) => {
    const before = commitments[at - 1];
    if (before !== undefined && before.id >= id) throw new RangeError("commitments not ascending");
  });
  const list = commitments.map(({ id, hiding, binding }) =>
    bytes.concat(idBytes(id), hiding, binding),
  );
  return bytes.concat(publicKey, hash("msg", message), hash("com", ...list));
}

function idBytes(id: number): Bytes {
  if (!Number.isSafeInteger(id) || id < 1) throw new RangeError("participant ids start at 1");
  return scalar.encode(BigInt(id));
}

function hash(purpose: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha512(bytes.concat(bytes.utf8(SUITE + purpose), ...parts));
}
