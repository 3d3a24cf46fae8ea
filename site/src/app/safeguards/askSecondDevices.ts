import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import type { SecondDevices } from "../wire.ts";

export function askSecondDevices(): Promise<Outcome<SecondDevices>> {
  return desk.mine<SecondDevices>({ method: "GET", path: "/v1/second-devices" });
}
