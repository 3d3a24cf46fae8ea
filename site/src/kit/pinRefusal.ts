export type PinReason =
  | "not_six_digits"
  | "three_equal"
  | "run_of_four"
  | "repeated_pair"
  | "repeated_triple"
  | "birth_date"
  | "phone_digits"
  | "same_as_last";

/** `birth` is YYYYMMDD, `phone` digits with or without blanks and dashes, `last` the PIN before. */
export type PinOwner = {
  readonly birth: string | null;
  readonly phone: string | null;
  readonly last: string | null;
};

/** Why a PIN may not be chosen, or null. Checked on the phone only: the server never sees a PIN. */
export function pinRefusal(pin: string, { birth, phone, last }: PinOwner): PinReason | null {
  if (!/^[0-9]{6}$/.test(pin)) return "not_six_digits";
  if (/(.)\1\1/.test(pin)) return "three_equal";
  if (hasRun(pin, 1) || hasRun(pin, 9)) return "run_of_four";
  if (/^(..)\1\1$/.test(pin)) return "repeated_pair";
  if (/^(...)\1$/.test(pin)) return "repeated_triple";
  if (birth !== null && birthForms(birth).includes(pin)) return "birth_date";
  if (phone !== null && sharesFour(pin, phone.replace(/\D/g, ""))) return "phone_digits";
  return pin === last ? "same_as_last" : null;
}

/** Four digits in a row, each `step` after the one before, modulo 10: 8901 is a run, and 1098. */
function hasRun(pin: string, step: number): boolean {
  let length = 1;
  for (let at = 1; at < pin.length; at += 1) {
    length = Number(pin[at]) === (Number(pin[at - 1]) + step) % 10 ? length + 1 : 1;
    if (length === 4) return true;
  }
  return false;
}

function birthForms(birth: string): readonly string[] {
  const year = birth.slice(0, 4);
  const short = birth.slice(2, 4);
  const month = birth.slice(4, 6);
  const day = birth.slice(6, 8);
  return [
    short + month + day,
    short + day + month,
    month + day + short,
    day + month + short,
    year + month,
    month + year,
  ];
}

function sharesFour(pin: string, phone: string): boolean {
  return [0, 1, 2].some((at) => phone.includes(pin.slice(at, at + 4)));
}
