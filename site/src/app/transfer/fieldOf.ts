import type { Fields } from "../wire.ts";

/** A member of what is signed; "" and 0 where it is missing or another kind of thing. */
export const fieldOf = {
  text(fields: Fields, name: string): string {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  },

  number(fields: Fields, name: string): number {
    const value = fields[name];
    return typeof value === "number" ? value : 0;
  },
};
