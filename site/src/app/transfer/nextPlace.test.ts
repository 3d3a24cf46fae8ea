import { describe, expect, it } from "vitest";

import type { Order } from "../wire.ts";
import { nextPlace } from "./nextPlace.ts";

const order = (state: Order["state"], needed: string[], done: string[]): Order => ({
  id: "id",
  state,
  tier: "ars",
  needed,
  done,
  amount: 1,
  fee: 0,
  payee_holder: "",
  expires_at: 0,
  request: { request_id: "", fields: {} },
  ars: null,
  sms: null,
  hold: null,
  outcome: null,
});

const ALL = ["account_password", "ars", "pin"];

describe("the next factor", () => {
  it("is the first of those needed that was not shown", () => {
    expect(nextPlace(order("waiting", ALL, []))).toBe("/transfer/account-password");
    expect(nextPlace(order("waiting", ALL, ["account_password"]))).toBe("/transfer/ars");
    expect(nextPlace(order("waiting", ALL, ["account_password", "ars"]))).toBe("/transfer/pin");
  });

  it("is not asked for once the order has ended", () => {
    expect(nextPlace(order("expired", ALL, []))).toBe("/transfer/result");
    expect(nextPlace(order("posted", ALL, ALL))).toBe("/transfer/result");
  });
});
