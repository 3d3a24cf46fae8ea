import { expect, test } from "vitest";

import type { Canonical } from "../../crypto/jcs.ts";
import { shownOf, type Sent } from "./shownOf.ts";

const SENT: Sent = { op: "renew", spki_sha256: "S", sealed_r_sha256: "R", reason: "" };
const FIELDS = {
  v: 1,
  type: "joint_certificate",
  kid: "k",
  origin: "https://bank.example",
  nonce: "n",
  issued_at: 1,
  expires_at: 2,
  op: "renew",
  joint_id: "j",
  common_name: "홍길동()0004",
  policy: "1.2.3",
  serial: "4097",
  not_after: 3,
  spki_sha256: "S",
  sealed_r_sha256: "R",
  reason: "",
};

const shown = (bent: { readonly [name: string]: Canonical }) =>
  shownOf(
    {
      id: "j",
      op: "renew",
      expires_at: 2,
      request: { request_id: "r", fields: { ...FIELDS, ...bent } },
    },
    SENT,
  );

test("what is signed is what was asked for, and all of it is shown", () => {
  expect(shown({})).toEqual({
    op: "renew",
    joint_id: "j",
    common_name: "홍길동()0004",
    policy: "1.2.3",
    serial: "4097",
    not_after: 3,
    spki_sha256: "S",
    sealed_r_sha256: "R",
    reason: "",
  });
});

test.each([
  ["another act", { type: "revoke" }],
  ["another operation", { op: "issue" }],
  ["another request", { joint_id: "i" }],
  ["another key", { spki_sha256: "T" }],
  ["another random number", { sealed_r_sha256: "Q" }],
  ["a reason nobody gave", { reason: "unused" }],
  ["a member that nobody shows", { amount: 5 }],
  ["a name that is none", { common_name: 5 }],
  ["an end that is none", { not_after: "3" }],
])("%s is not signed", (_, bent) => {
  expect(shown(bent)).toBe(null);
});

test("a request without a message is not signed", () => {
  expect(shownOf({ id: "j", op: "renew", expires_at: 2, request: null }, SENT)).toBe(null);
});
