/** The person in a common name: 홍길동()0004… names 홍길동. */
export function nameIn(commonName: string): string {
  return commonName.split("(")[0] ?? commonName;
}
