import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { b64u } from "../../crypto/b64u.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { RANDOM_BYTES } from "../../joint/newKey.ts";
import { rsa } from "../../joint/rsa.ts";
import { desk } from "../state/desk.ts";
import type { Sent } from "./shownOf.ts";
import { signRequest } from "./signRequest.ts";
import type { JointBook, JointRequest, RegistrationAnswer } from "./wire.ts";

/** `random`: R in hexadecimal, for the customer alone; the bank has it sealed to its CA. */
export type Asked = {
  readonly request: JointRequest;
  readonly sent: Sent;
  readonly random: string;
};

export type Registered = RegistrationAnswer & { readonly random: string };

/** Asks for a registration. R comes along, for programs that send none of their own. */
export async function askRegistration(book: JointBook): Promise<Outcome<Asked>> {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const sealed = await rsa.sealTo(b64u.decode(book.encryption.spki), random);
  const asked = await desk.mine<JointRequest>({
    method: "POST",
    path: "/v1/joint/requests",
    body: { op: "register", sealed_r: b64u.encode(sealed) },
  });
  if (!asked.ok) return asked;
  const sealedHash = b64u.encode(sha256(sealed));
  const sent = { op: "register", spki_sha256: "", sealed_r_sha256: sealedHash, reason: "" } as const;
  return done({ request: asked.value, sent, random: bytesToHex(random) });
}

/** The PIN, and then reference and code, which the bank shows this once. */
export async function register(
  { request, sent, random }: Asked,
  pin: string,
): Promise<Outcome<Registered>> {
  const signed = await signRequest(request, sent, pin);
  if (!signed.ok && signed.code !== "request_already_signed") return signed;
  const path = `/v1/joint/requests/${request.id}/registration`;
  const told = await desk.mine<RegistrationAnswer>({ method: "POST", path, body: {} });
  return told.ok ? done({ ...told.value, random }) : told;
}
