import { ed25519 } from "@noble/curves/ed25519.js";

import { bytes, type Bytes } from "./bytes.ts";

type Point = InstanceType<typeof ed25519.Point>;
export type { Point };

/** Elements of the prime-order subgroup of Ed25519, as everything a peer sends must be. */
export const point = {
  base: ed25519.Point.BASE,

  /** scalar * B. The scalar is secret: constant-time ladder; zero is refused by throwing. */
  mulBase: (secret: bigint): Point => ed25519.Point.BASE.multiply(secret),

  encode: (element: Point): Bytes => new Uint8Array(element.toBytes()),

  /**
   * RFC 9591 section 3.1 DeserializeElement. Throws RangeError for a wrong length, a non-canonical
   * y, a point off the curve, the identity, and every point with a component of small order.
   */
  decode(raw: Uint8Array): Point {
    const element = parse(raw);
    if (element === null || element.is0() || !element.isTorsionFree()) {
      throw new RangeError("not an element of the prime-order group");
    }
    if (!bytes.equal(element.toBytes(), raw)) throw new RangeError("point not canonical");
    return element;
  },
};

function parse(raw: Uint8Array): Point | null {
  try {
    return ed25519.Point.fromBytes(raw);
  } catch {
    return null;
  }
}
