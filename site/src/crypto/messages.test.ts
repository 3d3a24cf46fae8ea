import { expect, test } from "vitest";

import { messages, type TransactionFields } from "./messages.ts";

const TX: TransactionFields = {
  v: 1,
  transfer_id: "t1",
  from_account: "110-222",
  payee_bank: "901",
  payee_account: "220-333",
  payee_holder: "김하나",
  amount: 10_000,
  fee: 0,
  currency: "KRW",
  memo: "점심",
  tier: "pin",
  policy_version: 1,
  kid: "AAAAAAAAAAAAAAAAAAAAAA",
  origin: "http://localhost:8000",
  nonce: "bm9uY2U",
  issued_at: 1_700_000_000_000_000,
  expires_at: 1_700_000_300_000_000,
};

const text = (raw: Uint8Array) => new TextDecoder().decode(raw);

test("a transfer is its prefix, a zero byte and its sorted members", () => {
  const message = text(messages.transaction(TX));

  expect(message.startsWith('DOJANG-TX-v1\0{"amount":10000,"currency":"KRW",')).toBe(true);
  expect(message.endsWith('"tier":"pin","transfer_id":"t1","v":1}')).toBe(true);
});

test("a transfer with a further or a missing member is not signed", () => {
  const { memo: _memo, ...short } = TX;

  expect(() => messages.transaction({ ...TX, extra: 1 } as TransactionFields)).toThrow(RangeError);
  expect(() => messages.transaction(short as TransactionFields)).toThrow(RangeError);
});

test("the kinds cannot be taken for each other", () => {
  const life = { v: 1, kid: "k", nonce: "n", issued_at: 1, expires_at: 2 } as const;
  const kinds = [
    messages.proof({ ...life, m: "pin", version: 0, purpose: "enrolment" }),
    messages.auth({ ...life, origin: "o" }),
    messages.act({ ...life, type: "revoke", origin: "o" }),
    messages.transaction(TX),
  ].map((raw) => text(raw).split("\0")[0]);

  expect(kinds).toEqual(["DOJANG-PROOF-v1", "DOJANG-AUTH-v1", "DOJANG-ACT-v1", "DOJANG-TX-v1"]);
});
