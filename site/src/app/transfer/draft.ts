import { cell } from "../state/cell.ts";
import type { Account, Order, Payee } from "../wire.ts";

/** A transfer being put together, in memory only; the order once the bank has it. */
export type Draft = {
  readonly from: Account | null;
  readonly bank: string | null;
  readonly account: string;
  readonly payee: Payee | null;
  readonly amount: number | null;
  readonly memo: string;
  readonly order: Order | null;
};

const EMPTY: Draft = {
  from: null,
  bank: null,
  account: "",
  payee: null,
  amount: null,
  memo: "",
  order: null,
};

const current = cell<Draft>(EMPTY);

export const draft = {
  cell: current,
  get: current.get,
  fill: (part: Partial<Draft>): void => current.set({ ...current.get(), ...part }),
  clear: (): void => current.set(EMPTY),
};
