import { cell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { flow } from "./flow.ts";

/** Figures by their names, of safeguards or of limits. */
type Wishes = Readonly<Record<string, number>>;

const kept = cell<Wishes>({});

/** What one chose before the bank asked who one is: it is there again afterwards. In memory only. */
export const wish = {
  of: (name: string): number | undefined => kept.get()[name],

  identifyFirst(wishes: Wishes, to: string): void {
    kept.set(wishes);
    flow.after.set(to);
    route.go("/identify");
  },

  forget: (): void => kept.set({}),
};
