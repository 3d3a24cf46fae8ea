const UNITS = ["", "만", "억", "조", "경"] as const;

/** Amounts of KRW, integers only, as a Korean customer reads them. */
export const won = {
  /** 12345678 -> "12,345,678". Throws RangeError for what is no amount. */
  digits(amount: number): string {
    if (!Number.isSafeInteger(amount)) throw new RangeError("an amount is an integer");
    return String(amount).replace(/\B(?=(\d{3})+$)/g, ",");
  },

  /** 12345678 -> "12,345,678원". */
  format: (amount: number): string => `${won.digits(amount)}원`,

  /** 12345678 -> "1,234만 5,678원": one reads the size at a glance. */
  reading(amount: number): string {
    if (!Number.isSafeInteger(amount)) throw new RangeError("an amount is an integer");
    const groups: string[] = [];
    let rest = Math.abs(amount);
    for (const unit of UNITS) {
      if (rest % 10_000 !== 0) groups.unshift(won.digits(rest % 10_000) + unit);
      rest = Math.floor(rest / 10_000);
    }
    return `${amount < 0 ? "-" : ""}${groups.join(" ") || "0"}원`;
  },

  /** What was typed or pasted, as an amount: digits and commas, else null. Empty is null. */
  parse(typed: string): number | null {
    const digits = typed.replace(/[,\s원]/g, "");
    if (!/^[0-9]{1,15}$/.test(digits)) return null;
    return Number(digits);
  },
};
