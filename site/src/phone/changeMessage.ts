import type { Bytes } from "../crypto/bytes.ts";
import type { SecretKind } from "../crypto/mask.ts";
import { messages } from "../crypto/messages.ts";
import { reader, type Reader } from "../kit/reader.ts";

/** A request of the server with the bytes the phone made of it. */
export type Request = { readonly requestId: string; readonly message: Bytes };

type Instance = { readonly kid: string; readonly m: SecretKind; readonly version: number };
type Act = Instance & { readonly type: "method_change"; readonly change_id: string };

/**
 * The two messages of a change of a secret. The phone sets every member it knows itself and takes
 * from the server only nonce and times; null when the server's fields say anything else.
 */
export const changeMessage = {
  act(answer: unknown, origin: string, { type, kid, m, version, change_id }: Act): Request | null {
    return request(answer, { type, kid, m, change_id, origin }, version, (life) =>
      messages.act({ ...life, type, kid, m, version, change_id, origin }),
    );
  },

  proof(answer: unknown, { kid, m, version }: Instance): Request | null {
    return request(answer, { kid, m, purpose: "change" }, version, (life) =>
      messages.proof({ ...life, kid, m, version, purpose: "change" }),
    );
  },
};

type Life = {
  readonly v: 1;
  readonly nonce: string;
  readonly issued_at: number;
  readonly expires_at: number;
};

function request(
  answer: unknown,
  expected: Readonly<Record<string, string>>,
  version: number,
  build: (life: Life) => Bytes,
): Request | null {
  try {
    const given = reader(answer);
    const fields = given.object("fields");
    const same = Object.entries(expected).every(([name, value]) => fields.text(name) === value);
    if (!same || fields.integer("version") !== version) return null;
    return { requestId: given.text("request_id"), message: build(lifeOf(fields)) };
  } catch {
    return null;
  }
}

function lifeOf(fields: Reader): Life {
  return {
    v: 1,
    nonce: fields.text("nonce"),
    issued_at: fields.integer("issued_at"),
    expires_at: fields.integer("expires_at"),
  };
}
