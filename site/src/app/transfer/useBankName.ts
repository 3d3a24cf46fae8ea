import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";

/** The name of a bank by its code; the code itself when it is unknown. */
export function useBankName(): (code: string) => string {
  const { locale } = useCell(settings.cell);
  const info = useCell(bank.cell);
  return (code) => {
    const name =
      code === info?.bank_code
        ? info.bank_name
        : info?.banks.find((one) => one.code === code)?.name;
    return name?.[locale] ?? code;
  };
}
