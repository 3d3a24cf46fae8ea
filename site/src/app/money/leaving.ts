import type { Account } from "../wire.ts";

/** What may leave an account: how much now, and whether anything ever does before papers are shown. */
export const leaving = {
  /** What one transfer may take of it today: what is there, or what is left of its cap. */
  now: ({ available, day_left }: Account): number =>
    day_left === null ? available : Math.min(available, day_left),

  /** Whether its cap, and not its money, is what there is too little of. */
  capped: ({ available, day_left }: Account): boolean => day_left !== null && day_left < available,

  /** Whether it may only be paid into: what somebody gets who has shown no more than a phone. */
  never: ({ day_cap }: Account): boolean => day_cap === 0,

  /** Whether all of them may only be paid into; an account opened with the checks is the way on. */
  nowhere: (accounts: readonly Account[]): boolean =>
    accounts.length > 0 && accounts.every(leaving.never),
};
