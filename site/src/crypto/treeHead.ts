import type { Reader } from "../kit/reader.ts";
import { b64u } from "./b64u.ts";
import { bytes, type Bytes } from "./bytes.ts";
import { merkle } from "./merkle.ts";

const SCALAR_BYTES = 32;

/** What a log promised: at this instant (microseconds) it had these leaves. */
export type TreeHead = {
  readonly log: string;
  readonly size: number;
  readonly root: Bytes;
  readonly at: number;
  /** ECDSA P-256 with SHA-256, DER. */
  readonly signature: Bytes;
};

/** Signed tree heads (docs/how/transparency.md): reading one, and whether the log signed it. */
export const treeHead = {
  /** Throws TypeError or RangeError for what is no head. */
  read(from: Reader): TreeHead {
    const head = {
      log: from.text("log"),
      size: from.integer("size"),
      root: from.bytes("root", merkle.HASH_BYTES),
      at: from.integer("at"),
      signature: from.bytes("signature"),
    };
    if (head.log === "" || /\s/.test(head.log) || head.size < 0 || head.at < 0) {
      throw new RangeError("no tree head");
    }
    return head;
  },

  /** The text that is signed: a C2SP checkpoint with one more line for the time. */
  text({ log, size, root, at }: TreeHead): string {
    return `${log}\n${size}\n${base64(root)}\ntime ${at}\n`;
  },

  /** As it came over the wire, for the file that a customer keeps as evidence. */
  plain({ log, size, root, at, signature }: TreeHead): object {
    return { log, size, root: b64u.encode(root), at, signature: b64u.encode(signature) };
  },

  /** `key` is the log's SubjectPublicKeyInfo in DER. */
  async holds(head: TreeHead, key: Bytes): Promise<boolean> {
    const signature = plainSignature(head.signature);
    if (signature === null) return false;
    try {
      const curve = { name: "ECDSA", namedCurve: "P-256" };
      const log = await crypto.subtle.importKey("spki", key, curve, false, ["verify"]);
      const method = { name: "ECDSA", hash: "SHA-256" };
      const text = bytes.utf8(treeHead.text(head));
      return await crypto.subtle.verify(method, log, signature, text);
    } catch {
      return false;
    }
  },
};

/** r and s side by side, as WebCrypto takes them, of DER's SEQUENCE of two INTEGERs. */
function plainSignature(der: Bytes): Bytes | null {
  const [tag, length] = der;
  if (tag !== 0x30 || length === undefined || length > 0x7f || der.length !== length + 2) {
    return null;
  }
  const r = integer(der.subarray(2));
  const s = r === null ? null : integer(der.subarray(2 + r.taken));
  if (r === null || s === null || r.taken + s.taken !== length) return null;
  return bytes.concat(r.value, s.value);
}

function integer(der: Bytes): { value: Bytes; taken: number } | null {
  const [tag, length] = der;
  if (tag !== 0x02 || length === undefined || length === 0 || length > SCALAR_BYTES + 1) return null;
  let digits = der.subarray(2, 2 + length);
  if (digits.length !== length) return null;
  if (digits[0] === 0 && length > 1) digits = digits.subarray(1);
  if (digits.length > SCALAR_BYTES) return null;
  const value = new Uint8Array(SCALAR_BYTES);
  value.set(digits, SCALAR_BYTES - digits.length);
  return { value, taken: 2 + length };
}

const base64 = (raw: Bytes): string => btoa(String.fromCharCode(...raw));
