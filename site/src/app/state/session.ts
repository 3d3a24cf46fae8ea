import { cell } from "./cell.ts";

export type LoginMethod = "pin" | "pattern" | "passkey";

/** The token lives in memory only: a reload asks to log in again. */
export type Session = {
  readonly token: string;
  readonly name: string;
  readonly method: string;
};

const current = cell<Session | null>(null);
let wanted = "/";
let closedFor: string | null = null;

export const session = {
  cell: current,
  token: (): string | null => current.get()?.token ?? null,

  open(next: Session): void {
    closedFor = null;
    current.set(next);
  },

  /** `code` is why the server ended it, shown on the login screen. */
  close(code: string | null = null): void {
    closedFor = code;
    current.set(null);
  },

  whyClosed: (): string | null => closedFor,

  /** Where to go after the next login. */
  want(path: string): void {
    wanted = path;
  },

  takeWanted(): string {
    const path = wanted;
    wanted = "/";
    return path;
  },
};
