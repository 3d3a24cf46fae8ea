import { sha256 } from "@noble/hashes/sha2.js";

import { b64u } from "../../crypto/b64u.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { certificate } from "../../joint/certificate.ts";
import { keyring, type KeptKey } from "../../joint/keyring.ts";
import { desk } from "../state/desk.ts";
import type { JointCertificate } from "./wire.ts";

const OVER = ["joint_request_over", "not_found"];

/** Fetches the certificate that a signed request brought, and ties it to its key. */
export async function collect(key: KeptKey): Promise<Outcome<JointCertificate>> {
  const path = `/v1/joint/requests/${key.request}/certificate`;
  const asked = await desk.mine<{ certificate: JointCertificate }>({
    method: "POST",
    path,
    body: {},
    timeout_ms: 60_000,
  });
  if (!asked.ok) {
    if (OVER.includes(asked.code)) await keyring.remove(key.id);
    return asked;
  }
  const { id, der, folder } = asked.value.certificate;
  const raw = b64u.decode(der);
  if (keyOf(raw) !== key.id) return problem("joint_differs");
  await keyring.keep({ ...key, certificate: { id, der: raw, folder } });
  return done(asked.value.certificate);
}

/** The id of the key that a certificate is for; null when it is not one that we can read. */
function keyOf(raw: Uint8Array): string | null {
  try {
    return b64u.encode(sha256(certificate(raw).publicKey));
  } catch {
    return null;
  }
}
