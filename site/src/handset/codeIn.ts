/** The code in a text message, for the copy button: the first six digits that stand alone. */
export function codeIn(text: string): string | null {
  return /(?<![0-9-])[0-9]{6}(?![0-9-])/.exec(text)?.[0] ?? null;
}
