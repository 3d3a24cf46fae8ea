import type { Bytes } from "../crypto/bytes.ts";
import { rows } from "../kit/rows.ts";

/** A key file of this browser; sealed under the customer's password, never in the clear. */
export type KeptKey = {
  /** base64url SHA-256 of the public key. */
  readonly id: string;
  /** signPri.key. */
  readonly file: Bytes;
  /** The bank's request that it was made for. */
  readonly request: string;
  /** Null until the bank has answered with it. */
  readonly certificate: null | {
    readonly id: string;
    readonly der: Bytes;
    /** NPKI/…/USER/cn=… */
    readonly folder: string;
  };
};

const { within } = rows("dojang-joint", "keys");

/**
 * Where the keys of joint certificates live after the issue: here, and wherever the customer takes
 * an exported file. A key is kept before it is signed for, so that no crash loses it.
 */
export const keyring = {
  async all(): Promise<readonly KeptKey[]> {
    const found: readonly unknown[] = await within("readonly", (table) => table.getAll());
    return found.filter(isKept);
  },

  /** The key of one of the bank's certificates, if it is here. */
  async of(certificateId: string): Promise<KeptKey | null> {
    const all = await keyring.all();
    return all.find(({ certificate }) => certificate?.id === certificateId) ?? null;
  },

  async keep(key: KeptKey): Promise<void> {
    await within("readwrite", (table) => table.put(key, key.id));
  },

  async remove(id: string): Promise<void> {
    await within("readwrite", (table) => table.delete(id));
  },
};

/** Only we write these rows. */
function isKept(found: unknown): found is KeptKey {
  return typeof found === "object" && found !== null && "file" in found && "id" in found;
}
