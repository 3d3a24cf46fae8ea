/** 01012345678 -> 010-1234-5678, as a phone shows a number. */
export function shownPhone(digits: string): string {
  return digits.replace(/^(01[0-9])([0-9]{3,4})([0-9]{4})$/, "$1-$2-$3");
}
