import type { EnrolmentState } from "../wire.ts";

const IDENTIFY = ["who", "internet-banking", "carrier", "name", "number", "phone", "confirm"];
const ENROL = ["new-id", "new-password", "new-name", "new-account"];

/** Which screens belong to a step of the server; the first is where one enters it. */
const SCREENS: Readonly<Record<string, readonly string[]>> = {
  identify: IDENTIFY,
  sms_code: ["code"],
  internet_banking_required: ["internet-banking"],
  account_password: ["account", "account-password"],
  internet_banking_enrolment: ENROL,
  keys: ["pin", "pattern", "issuing"],
  done: ["issuing"],
};

/** The address where the enrolment goes on. */
export function placeOf(state: EnrolmentState): string {
  const known =
    state.step === "identify" && state.person === "existing" && state.prefilled !== null;
  const first = known ? "confirm" : (SCREENS[state.step]?.[0] ?? "who");
  return `/issue/${first}`;
}

export function belongs(screen: string, state: EnrolmentState): boolean {
  return SCREENS[state.step]?.includes(screen) ?? false;
}
