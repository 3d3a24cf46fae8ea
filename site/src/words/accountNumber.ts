/** 110208450323 -> 110-208-450323, as passbooks print it; shorter ones stay as they are. */
export function accountNumber(number: string): string {
  return /^[0-9]{10,}$/.test(number)
    ? `${number.slice(0, 3)}-${number.slice(3, 6)}-${number.slice(6)}`
    : number;
}
