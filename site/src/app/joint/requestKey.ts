import { sha256 } from "@noble/hashes/sha2.js";

import { b64u } from "../../crypto/b64u.ts";
import { bytes } from "../../crypto/bytes.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { keyring, type KeptKey } from "../../joint/keyring.ts";
import { newKey } from "../../joint/newKey.ts";
import { rsa } from "../../joint/rsa.ts";
import { desk } from "../state/desk.ts";
import type { Sent } from "./shownOf.ts";
import type { JointBook, JointRequest, MakingOp } from "./wire.ts";

export type Wish = {
  readonly book: JointBook;
  readonly op: MakingOp;
  /** Which certificate is renewed or reissued; null for an issue. */
  readonly certificateId: string | null;
  readonly password: string;
  /** Told how many stages are behind us. */
  readonly reached: (stages: number) => void;
};

export type Requested = {
  readonly request: JointRequest;
  readonly key: KeptKey;
  readonly sent: Sent;
};

/**
 * Makes a key and asks for a certificate on it. The bank gets the public key, R sealed to its CA,
 * and a signature over both; nothing is certified until the PIN has signed what the bank answers.
 */
export async function requestKey(wish: Wish): Promise<Outcome<Requested>> {
  const { book, op, certificateId, password, reached } = wish;
  const made = await newKey(password);
  const { publicKey } = made;
  const sealed = await rsa.sealTo(b64u.decode(book.encryption.spki), made.random);
  made.random.fill(0);
  const proof = await made.sign(bytes.concat(publicKey, sealed));
  reached(1);
  const asked = await desk.mine<JointRequest>({
    method: "POST",
    path: "/v1/joint/requests",
    body: {
      op,
      ...(certificateId === null ? {} : { certificate_id: certificateId }),
      spki: b64u.encode(publicKey),
      sealed_r: b64u.encode(sealed),
      proof: b64u.encode(proof),
    },
  });
  if (!asked.ok) return asked;
  const id = b64u.encode(sha256(publicKey));
  const key = { id, file: made.file, request: asked.value.id, certificate: null };
  await keyring.keep(key);
  reached(2);
  const sealedHash = b64u.encode(sha256(sealed));
  const sent = { op, spki_sha256: id, sealed_r_sha256: sealedHash, reason: "" };
  return done({ request: asked.value, key, sent });
}
