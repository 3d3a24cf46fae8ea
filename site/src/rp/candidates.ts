import type { Bytes } from "../crypto/bytes.ts";
import { certificate, type JointCertificate } from "../joint/certificate.ts";
import { keyring } from "../joint/keyring.ts";
import type { ZipFile } from "../joint/zip.ts";

/** A certificate that might sign, and its key file. */
export type Candidate = { readonly certificate: JointCertificate; readonly file: Bytes };

/** Those with a policy that the relying party accepts. */
export const candidates = {
  /**
   * From this browser. Only because the demo's relying party stands at the bank's own address: a
   * real one sees nothing of the bank's storage, and gets a file from the customer.
   */
  async here(policies: readonly string[]): Promise<readonly Candidate[]> {
    const all = await keyring.all();
    return accepted(
      all.flatMap(({ file, certificate: held }) =>
        held === null ? [] : [{ file, der: held.der }],
      ),
      policies,
    );
  },

  /** From a ZIP or folder: each signCert.der with the signPri.key beside it. */
  in(files: readonly ZipFile[], policies: readonly string[]): readonly Candidate[] {
    const beside = (path: string): Bytes | undefined =>
      files.find(({ name }) => name === path.replace(/signCert\.der$/i, "signPri.key"))?.content;
    const pairs = files
      .filter(({ name }) => /(^|\/)signCert\.der$/i.test(name))
      .flatMap(({ name, content: der }) => {
        const file = beside(name);
        return file === undefined ? [] : [{ der, file }];
      });
    return accepted(pairs, policies);
  },
};

type Pair = { readonly der: Bytes; readonly file: Bytes };

function accepted(pairs: readonly Pair[], policies: readonly string[]): readonly Candidate[] {
  return pairs
    .flatMap(({ der, file }) => {
      const read = readable(der);
      return read === null ? [] : [{ certificate: read, file }];
    })
    .filter((one) => policies.includes(one.certificate.policy));
}

function readable(der: Bytes): JointCertificate | null {
  try {
    return certificate(der);
  } catch {
    return null;
  }
}
