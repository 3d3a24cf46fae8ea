/** It happened, and this is what came of it. */
export type Done<T> = { readonly ok: true; readonly value: T };

/**
 * It was refused, or nobody knows. `code` is the stable code of the server's problem document
 * (RFC 9457), or one of ours: `offline`, `timeout`, `bad_answer`. Words for it live in `words/`.
 */
export type Problem = {
  readonly ok: false;
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The extension members, such as tries_left. Never shown as they are. */
  readonly details: Readonly<Record<string, unknown>>;
};

export type Outcome<T> = Done<T> | Problem;
