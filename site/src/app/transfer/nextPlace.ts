import type { Order } from "../wire.ts";

const SCREENS: Readonly<Record<string, string>> = {
  account_password: "/transfer/account-password",
  ars: "/transfer/ars",
  pin: "/transfer/pin",
};

/** The screen of the first factor that has not been shown yet; the result when none is left. */
export function nextPlace(order: Order): string {
  if (order.state !== "waiting") return "/transfer/result";
  const need = order.needed.find((one) => !order.done.includes(one));
  return need === undefined ? "/transfer/result" : (SCREENS[need] ?? "/transfer/result");
}
