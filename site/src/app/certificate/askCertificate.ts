import type { Outcome } from "../../kit/outcome.ts";
import { desk } from "../state/desk.ts";
import type { Certificate } from "../wire.ts";

export function askCertificate(): Promise<Outcome<Certificate>> {
  return desk.mine({ method: "GET", path: "/v1/certificate" });
}
