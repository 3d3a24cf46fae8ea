import { rows } from "../../kit/rows.ts";

const { within } = rows("dojang-app", "kept");

export type KeptName = "enrolment" | "transfers";

/**
 * What must outlive a reload beside the phone's record: the enrolment token, which is worth
 * nothing without this device's key, and the ids of transfers whose end is not known yet.
 * Durability strict.
 */
export const kept = {
  async read(name: KeptName): Promise<unknown> {
    return within("readonly", (table) => table.get(name));
  },
  async write(name: KeptName, value: unknown): Promise<void> {
    await within("readwrite", (table) => table.put(value, name));
  },
  async remove(name: KeptName): Promise<void> {
    await within("readwrite", (table) => table.delete(name));
  },
};
