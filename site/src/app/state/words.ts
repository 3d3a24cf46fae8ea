import type { Words } from "../../words/ko.ts";
import { cell, useCell } from "./cell.ts";
import type { Locale } from "./settings.ts";

const current = cell<Words | null>(null);

/** Loads one language and sets the page's `lang`; the screens follow. */
export async function loadWords(locale: Locale): Promise<void> {
  const words =
    locale === "en"
      ? (await import("../../words/en.ts")).en
      : (await import("../../words/ko.ts")).ko;
  document.documentElement.lang = locale;
  document.title = words.name;
  current.set(words);
}

/** The words of the language in use. Only below `App`, which waits for them. */
export function useWords(): Words {
  const words = useCell(current);
  if (words === null) throw new Error("no words yet");
  return words;
}
