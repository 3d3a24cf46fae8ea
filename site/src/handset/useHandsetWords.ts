import { settings } from "../app/state/settings.ts";
import { useCell } from "../app/state/cell.ts";
import { words, type HandsetWords } from "./words.ts";

/** The handset's words in the language of this browser; the same choice as in the app. */
export function useHandsetWords(): HandsetWords {
  return words[useCell(settings.cell).locale];
}
