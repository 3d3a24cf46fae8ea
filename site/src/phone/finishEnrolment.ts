import { bytes, type Bytes } from "../crypto/bytes.ts";
import { csr } from "../crypto/csr.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { reader } from "../kit/reader.ts";
import type { Phone } from "./phone.ts";
import type { KeyRecord, Keys, PhoneRecord } from "./record.ts";
import { witness, type Witness } from "./witness.ts";

/** What was issued, as the last screen shows it. */
export type Issued = { readonly credential: string; readonly subjectId: string };

/**
 * The end of an issue or reissue: takes both certificates, checks that they are for our keys, and
 * replaces the old keys by the new ones in one durable write. Repeatable.
 */
export async function finishEnrolment(phone: Phone, token: string): Promise<Outcome<Issued>> {
  return phone.store.locked(async (slot) => {
    const record = await slot.read();
    if (record === null) return problem("no_device_key");
    const outcome = await phone.transport.post("/v1/enrolments/current/finish", "{}", token);
    if (!outcome.ok) return outcome;
    try {
      const credential = reader(outcome.value).object("credential");
      const issued = {
        credential: credential.text("id"),
        subjectId: credential.text("subject_id"),
      };
      const certificates = credential.object("certificates");
      const auth = certificates.bytes("auth");
      const log = witness.pinned(reader(outcome.value).value("log"));
      const sign = certificates.bytes("sign");
      const next = promoted({ ...record, log: same(record.log, log) }, issued.credential, auth, sign);
      if (next === null) return problem("certificate_differs");
      await slot.write(next);
      return done(issued);
    } catch {
      return problem("bad_answer");
    }
  });
}

/** Of the same log the kept head stays: a reissue is no way around it. */
function same(known: Witness | undefined, given: Witness): Witness {
  return known !== undefined && bytes.equal(known.key, given.key) ? known : given;
}

/** null when the certificates are for no pair of keys of ours. A repeat finds them promoted. */
function promoted(
  record: PhoneRecord,
  credential: string,
  auth: Bytes,
  sign: Bytes,
): PhoneRecord | null {
  const matching = [record.enrolling, record.keys].find(
    (keys: Keys) => isFor(auth, keys.auth) && isFor(sign, keys.sign),
  );
  if (matching?.auth === undefined || matching.sign === undefined) return null;
  return {
    ...record,
    credential,
    keys: {
      auth: { ...matching.auth, certificate: auth },
      sign: { ...matching.sign, certificate: sign },
    },
    enrolling: {},
    change: null,
  };
}

/** The certificate holds exactly our SubjectPublicKeyInfo; its signature is for relying parties. */
function isFor(certificate: Bytes, key: KeyRecord | undefined): boolean {
  if (key === undefined) return false;
  const info = csr.publicKeyInfo(key.pk);
  for (let at = 0; at + info.length <= certificate.length; at += 1) {
    if (bytes.equal(certificate.subarray(at, at + info.length), info)) return true;
  }
  return false;
}
