import type { OpeningState } from "../wire.ts";
import type { Wish } from "./flow.ts";

const WISHES: Readonly<Record<OpeningState["goal"], Wish>> = {
  account: "opening",
  unlock_password: "unlock",
  release_loss: "release",
  identify: "identify",
};
/** What ends with the password of an account one has. */
const OWN_PASSWORD: ReadonlySet<OpeningState["goal"]> = new Set(["release_loss", "identify"]);
const CHECKS: Readonly<Record<string, string>> = {
  id_card: "id-card",
  face: "face",
  one_won: "one-won",
};

/** Which screens belong to where the server stands; the first is where one enters. */
function screens(state: OpeningState): readonly string[] {
  switch (state.step) {
    case "check": {
      const one = state.asked.map((check) => CHECKS[check] ?? check);
      const won = state.one_won === null ? [] : ["one-won-code"];
      return one.length > 1 ? ["which", ...won, ...one] : [...won, ...one];
    }
    case "sms_code":
      return ["code"];
    case "purpose":
      return ["purpose", "funds", "questions"];
    case "password":
      return OWN_PASSWORD.has(state.goal) ? ["account", "account-password"] : ["password"];
    case "done":
      return ["done"];
    default:
      return ["phone"];
  }
}

/** The address where it goes on. */
export function placeOf(state: OpeningState): string {
  return `/${WISHES[state.goal]}/${screens(state)[0]}`;
}

export function belongs(wish: string, screen: string, state: OpeningState): boolean {
  return WISHES[state.goal] === wish && screens(state).includes(screen);
}
