import { settings } from "../app/state/settings.ts";
import { useCell } from "../app/state/cell.ts";
import { words, type RpWords } from "./words.ts";

/** The relying party's words in the language of this browser; the same choice as in the app. */
export function useRpWords(): RpWords {
  return words[useCell(settings.cell).locale];
}
