import { cell } from "./cell.ts";
import { kept } from "./kept.ts";

const ids = cell<readonly string[]>([]);

/** Transfers that were sent and whose end nobody has told us yet. Written before the first byte. */
export const pending = {
  cell: ids,

  async load(): Promise<void> {
    const found = await kept.read("transfers");
    const list: readonly unknown[] = Array.isArray(found) ? found : [];
    ids.set(list.filter((id): id is string => typeof id === "string"));
  },

  async add(id: string): Promise<void> {
    ids.set([...ids.get().filter((one) => one !== id), id]);
    await kept.write("transfers", ids.get());
  },

  async settle(id: string): Promise<void> {
    ids.set(ids.get().filter((one) => one !== id));
    await kept.write("transfers", ids.get());
  },
};
