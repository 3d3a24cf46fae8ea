/** What may be shown of what identifies a person. Input that is no such thing becomes all "*". */
export const masked = {
  /** 김하용 -> 김*용, 김용 -> 김*, 남궁하늘 -> 남**늘. */
  name(name: string): string {
    const letters = [...name.normalize("NFC")];
    if (letters.length < 2) return "*".repeat(letters.length);
    const last = letters.length > 2 ? (letters.at(-1) ?? "") : "";
    return `${letters[0] ?? ""}${"*".repeat(letters.length - (last === "" ? 1 : 2))}${last}`;
  },

  /** 01012345678 -> 010-****-5678. */
  phone(phone: string): string {
    const digits = phone.replace(/\D/g, "");
    if (digits.length < 9) return "*".repeat(phone.length);
    return `${digits.slice(0, 3)}-${"*".repeat(digits.length - 7)}-${digits.slice(-4)}`;
  },

  /** 123456789789 or 123-456-789789 -> 123-***-***789. */
  account(account: string): string {
    const digits = account.replace(/\D/g, "");
    if (digits.length < 10) return "*".repeat(account.length);
    return `${digits.slice(0, 3)}-***-${"*".repeat(digits.length - 9)}${digits.slice(-3)}`;
  },

  /** 9001011234567 -> 900101-1******. */
  residentNumber(number: string): string {
    const digits = number.replace(/\D/g, "");
    if (digits.length !== 13) return "*".repeat(number.length);
    return `${digits.slice(0, 6)}-${digits.slice(6, 7)}******`;
  },
};
