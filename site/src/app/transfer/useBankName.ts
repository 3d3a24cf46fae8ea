import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";

/** The name of a bank by its code; the code itself when it is unknown. */
export function useBankName(): (code: string) => string {
  const { locale } = useCell(settings.cell);
  const banks = useCell(bank.cell)?.banks ?? [];
  return (code) => banks.find((one) => one.code === code)?.name[locale] ?? code;
}
