import { cell } from "./cell.ts";
import { kept } from "./kept.ts";

/** The customer's own words for a transfer, as they were typed and shown before it was ordered. */
export type Words = {
  readonly from_account: string;
  readonly payee_bank: string;
  readonly payee_account: string;
  readonly payee_holder: string;
  readonly amount: number;
  readonly memo: string;
};

export type Unsettled = { readonly id: string; readonly words: Words | null };

const list = cell<readonly Unsettled[]>([]);

/**
 * Transfers that were sent and whose end nobody has told us yet, written before the first byte.
 * With the words, so that after a reload the phone goes on with what its owner typed, not with what
 * the bank says that it was.
 */
export const pending = {
  cell: list,

  async load(): Promise<void> {
    const found = await kept.read("transfers");
    list.set((Array.isArray(found) ? found : []).flatMap(read));
  },

  async add(id: string, words: Words): Promise<void> {
    list.set([...others(id), { id, words }]);
    await kept.write("transfers", list.get());
  },

  async settle(id: string): Promise<void> {
    list.set(others(id));
    await kept.write("transfers", list.get());
  },
};

function others(id: string): readonly Unsettled[] {
  return list.get().filter((one) => one.id !== id);
}

/** A line of what was kept; an older app kept the ids alone. */
function read(line: unknown): readonly Unsettled[] {
  if (typeof line === "string") return [{ id: line, words: null }];
  const { id, words } = membersOf(line);
  return typeof id === "string" ? [{ id, words: wordsIn(words) }] : [];
}

function wordsIn(value: unknown): Words | null {
  const { from_account, payee_bank, payee_account, payee_holder, amount, memo } = membersOf(value);
  if (typeof from_account !== "string" || typeof payee_bank !== "string") return null;
  if (typeof payee_account !== "string" || typeof payee_holder !== "string") return null;
  if (typeof amount !== "number" || typeof memo !== "string") return null;
  return { from_account, payee_bank, payee_account, payee_holder, amount, memo };
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
