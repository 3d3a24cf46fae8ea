import type { SafeguardName, Safeguards } from "../wire.ts";

type Wishes = Partial<Readonly<Record<SafeguardName, number>>>;

/** Whether the bank will want to know who one is first; it decides that itself. */
export function weakens(of: Safeguards, wishes: Wishes): boolean {
  const less = (name: SafeguardName): boolean => (wishes[name] ?? of[name].value) < of[name].value;
  const more = (name: SafeguardName): boolean => (wishes[name] ?? of[name].value) > of[name].value;
  const spares = of.delay_hours.value > 0 && more("delay_spares_designated");
  return less("delay_hours") || less("designated_only") || spares || more("sms_hold");
}
