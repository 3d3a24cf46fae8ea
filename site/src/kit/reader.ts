import { b64u } from "../crypto/b64u.ts";
import type { Bytes } from "../crypto/bytes.ts";

/** Reads the members of a JSON object strictly; every method throws TypeError or RangeError. */
export type Reader = {
  text(name: string): string;
  integer(name: string): number;
  /** base64url; `length` in bytes. */
  bytes(name: string, length?: number): Bytes;
  object(name: string): Reader;
  objects(name: string): readonly Reader[];
  texts(name: string): readonly string[];
  has(name: string): boolean;
  /** A member as it came, for another reader. */
  value(name: string): unknown;
};

export function reader(value: unknown): Reader {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("not an object");
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const self: Reader = {
    text(name) {
      const member = members.get(name);
      if (typeof member !== "string") throw new TypeError(`${name} is not a string`);
      return member;
    },
    integer(name) {
      const member = members.get(name);
      if (typeof member !== "number" || !Number.isSafeInteger(member)) {
        throw new TypeError(`${name} is not an integer`);
      }
      return member;
    },
    bytes: (name, length) => b64u.decode(self.text(name), length),
    object: (name) => reader(members.get(name)),
    objects(name) {
      const member = members.get(name);
      if (!Array.isArray(member)) throw new TypeError(`${name} is not a list`);
      return member.map(reader);
    },
    texts(name) {
      const member = members.get(name);
      const all = Array.isArray(member) && member.every((one) => typeof one === "string");
      if (!all) throw new TypeError(`${name} is not a list of strings`);
      return member;
    },
    has: (name) => members.get(name) !== undefined && members.get(name) !== null,
    value: (name) => members.get(name),
  };
  return self;
}
