/** The same items in an order of chance, each order as likely (Fisher-Yates, no modulo bias). */
export function shuffled<T>(items: readonly T[]): readonly T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = below(at + 1);
    const held = out[at] as T;
    out[at] = out[other] as T;
    out[other] = held;
  }
  return out;
}

function below(bound: number): number {
  const ceiling = 256 - (256 % bound);
  for (;;) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0] ?? 255;
    if (byte < ceiling) return byte % bound;
  }
}
