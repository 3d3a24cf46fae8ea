import type { Client } from "../kit/client.ts";
import type { Transport } from "./phone.ts";

/** The phone's transport over the HTTP client; `timeout_ms` is per attempt. */
export function transport(client: Client, timeout_ms = 10_000): Transport {
  return {
    post: (path, body, token) => client.send({ method: "POST", path, body, token, timeout_ms }),
  };
}
