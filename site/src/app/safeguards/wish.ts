import { flow } from "../opening/flow.ts";
import { cell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import type { SafeguardName } from "../wire.ts";

type Wishes = Partial<Readonly<Record<SafeguardName, number>>>;

const kept = cell<Wishes>({});

/** What one chose before the bank asked who one is: it is there again afterwards. In memory only. */
export const wish = {
  of: (name: SafeguardName): number | undefined => kept.get()[name],

  identifyFirst(wishes: Wishes, to: string): void {
    kept.set(wishes);
    flow.after.set(to);
    route.go("/identify");
  },

  forget: (): void => kept.set({}),
};
