import { cell } from "./cell.ts";

export type Locale = "ko" | "en";
export type Settings = { readonly locale: Locale; readonly shuffle: boolean };

const NAME = "dojang.settings";
const START: Settings = { locale: "ko", shuffle: true };

function read(): Settings {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    if (typeof found !== "object" || found === null) return START;
    return {
      locale: "locale" in found && found.locale === "en" ? "en" : "ko",
      shuffle: !("shuffle" in found && found.shuffle === false),
    };
  } catch {
    return START;
  }
}

const current = cell<Settings>(read());

/** What the customer chose for this browser. Nothing personal. */
export const settings = {
  cell: current,
  change(part: Partial<Settings>): void {
    current.set({ ...current.get(), ...part });
    try {
      localStorage.setItem(NAME, JSON.stringify(current.get()));
    } catch {
      // A full or forbidden storage costs the choice at the next start, nothing else.
    }
  },
};
