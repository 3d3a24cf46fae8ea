import { expect, test } from "vitest";

import { bytes } from "../crypto/bytes.ts";
import { verify } from "../crypto/verify.ts";
import { done } from "../kit/done.ts";
import { sign } from "./sign.ts";
import {
  issued,
  PageClosed,
  PATTERN,
  PIN,
  wanted,
  type Fate,
  type World,
} from "./testing/world.ts";

const begins = ({ sent }: World) => sent.filter(({ path }) => path.endsWith("/begin"));
const key = ({ store }: World, kind: "auth" | "sign" = "auth") => store.peek()?.keys[kind];

test("PIN and pattern log in, the PIN signs, each with a valid signature", async () => {
  const self = await issued();

  for (const want of [wanted.login(self), wanted.login(self, "pattern"), wanted.act(self)]) {
    const signed = await sign(self.phone(), want);

    const pk = key(self, want.key)?.pk ?? new Uint8Array(32);
    expect(signed.ok && (await verify(pk, want.message, signed.value))).toBe(true);
  }
  expect([key(self)?.gen, key(self, "sign")?.gen]).toEqual([4, 2]);
});

test("a pattern never signs: not even a try is spent", async () => {
  const self = await issued();

  const refused = await sign(self.phone(), { ...wanted.act(self), m: "pattern", secret: PATTERN });

  expect(refused.ok).toBe(false);
  expect(self.sent).toEqual([]);
});

test("bytes of an unknown kind, or of a kind for the other key, are not sent at all", async () => {
  const self = await issued();
  const login = { ...wanted.login(self), key: "sign" } as const;
  const odd = { ...wanted.act(self), message: bytes.utf8("pay me") };

  expect(await sign(self.phone(), login)).toMatchObject({ code: "wrong_method" });
  expect(await sign(self.phone(), odd)).toMatchObject({ code: "wrong_method" });
  expect(self.sent).toEqual([]);
});

test("a wrong PIN is told with what is left, and the right one signs after it", async () => {
  const self = await issued();

  const wrong = await sign(self.phone(), wanted.act(self, "pin", "482916"));
  const right = await sign(self.phone(), wanted.act(self));

  expect(wrong).toMatchObject({ ok: false, code: "wrong_secret", details: { tries_left: 4 } });
  expect(right.ok).toBe(true);
  expect(key(self, "sign")).toMatchObject({ gen: 2, inflight: null });
});

const LOSSES = ["request_lost", "answer_lost"] as const;
const STEPS = ["/v1/signing/begin", "/v1/signing/complete"] as const;

test.each(STEPS.flatMap((step) => LOSSES.map((loss) => [step, loss] as const)))(
  "%s, %s twice: the same bytes are sent again, one try, one signature",
  async (step, loss) => {
    const self = await issued();
    const before = self.bank.signatures.length;
    const evaluations = self.bank.evaluations;
    let lost = 0;
    self.fate = (path): Fate => (path === step && (lost += 1) <= 2 ? loss : "arrives");

    const signed = await sign(self.phone(), wanted.act(self));

    const sent = self.sent.filter(({ path }) => path === step);
    expect(signed.ok).toBe(true);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(sent).toHaveLength(3);
    expect(self.bank.signatures.length).toBe(before + 1);
    expect(self.bank.evaluations).toBe(evaluations + 1);
  },
);

test("after 120 s without an answer the phone keeps what it must and resumes later", async () => {
  const self = await issued();
  const want = wanted.act(self);
  self.fate = (path) => (path.endsWith("/complete") ? "answer_lost" : "arrives");

  const lost = await sign(self.phone(), want);
  const waited_ms = self.clock_ms;
  self.fate = () => "arrives";
  const resumed = await sign(self.phone(), want);

  expect(lost).toMatchObject({ ok: false, code: "timeout" });
  expect(waited_ms).toBeGreaterThan(100_000);
  expect(waited_ms).toBeLessThanOrEqual(120_000);
  expect(resumed.ok).toBe(true);
  expect(begins(self)).toHaveLength(1);
  expect(key(self, "sign")).toMatchObject({ gen: 2, inflight: null });
});

const CRASHES = ["crash_before", "crash_after"] as const;

test.each([1, 2].flatMap((nth) => CRASHES.map((crash) => [crash, nth] as const)))(
  "%s of call %d: the next signature works, nobody is suspended",
  async (crash, nth) => {
    const self = await issued();
    const want = wanted.act(self);
    self.fate = (_path, at) => (at === nth ? crash : "arrives");
    await expect(sign(self.phone(), want)).rejects.toThrow(PageClosed);

    self.fate = () => "arrives";
    const again = await sign(self.phone(), want);
    const next = await sign(self.phone(), wanted.act(self));

    expect([again.ok, next.ok, self.bank.suspended]).toEqual([true, true, false]);
    const tip = [...self.bank.keys.values()].find(({ kind }) => kind === "sign")?.tip;
    expect(key(self, "sign")).toMatchObject({ gen: tip, inflight: null });
  },
);

test("a crash while resuming changes nothing", async () => {
  const self = await issued();
  const want = wanted.act(self);
  self.fate = (path) => (path.endsWith("/complete") ? "crash_after" : "arrives");
  await expect(sign(self.phone(), want)).rejects.toThrow(PageClosed);
  for (const crash of CRASHES) {
    self.fate = (path) => (path.endsWith("/resume") ? crash : "arrives");
    await expect(sign(self.phone(), want)).rejects.toThrow(PageClosed);
  }

  self.fate = () => "arrives";
  const signed = await sign(self.phone(), want);

  expect(signed.ok).toBe(true);
  expect(self.bank.signatures.filter(({ requestId }) => requestId === want.requestId)).toHaveLength(
    1,
  );
});

test("a wrong PIN whose answer was lost is counted once and cleared by the resume", async () => {
  const self = await issued();
  self.fate = (path) => (path.endsWith("/complete") ? "crash_after" : "arrives");
  await expect(sign(self.phone(), wanted.act(self, "pin", "111112"))).rejects.toThrow(PageClosed);
  const left = self.bank.tries["pin"];

  self.fate = () => "arrives";
  const right = await sign(self.phone(), wanted.act(self));

  expect(left).toBe(4);
  expect(right.ok).toBe(true);
});

test("the owner is told when a copy has signed, and the certificate is suspended", async () => {
  const self = await issued();
  const copy = self.store.copy();
  expect((await sign(self.phone(copy), wanted.act(self))).ok).toBe(true);

  const owner = await sign(self.phone(), wanted.act(self));

  expect(owner).toMatchObject({ ok: false, code: "copied_phone" });
  expect(self.bank.suspended).toBe(true);
  expect(await sign(self.phone(copy), wanted.act(self))).toMatchObject({ ok: false });
});

test("a copy that comes second betrays itself", async () => {
  const self = await issued();
  const copy = self.store.copy();
  await sign(self.phone(), wanted.act(self));

  expect(await sign(self.phone(copy), wanted.act(self))).toMatchObject({ code: "copied_phone" });
  expect(self.bank.suspended).toBe(true);
});

test("a generation_mismatch for another rid suspends nobody", async () => {
  const self = await issued();
  let bent = 0;
  self.bend = (path, answer) => {
    if (!path.endsWith("/begin") || (bent += 1) > 1) return answer;
    const details = { rid: "AAAAAAAAAAAAAAAA", gen: 9 };
    return { ok: false, code: "generation_mismatch", status: 409, details };
  };

  const signed = await sign(self.phone(), wanted.act(self));

  expect(signed.ok).toBe(true);
  expect(self.sent.some(({ path }) => path.endsWith("/confirm-stale"))).toBe(false);
});

test("an answer with another rid is dropped and the same bytes are sent again", async () => {
  const self = await issued();
  let bent = 0;
  self.bend = (path, answer) =>
    path.endsWith("/begin") && answer.ok && (bent += 1) === 1
      ? done({ ...(answer.value as object), rid: "AAAAAAAAAAAAAAAA" })
      : answer;

  const signed = await sign(self.phone(), wanted.act(self));

  expect(signed.ok).toBe(true);
  expect(new Set(begins(self).map(({ body }) => body)).size).toBe(1);
  expect(begins(self)).toHaveLength(2);
});

test("asked to sign other bytes than were shown, the phone sends no share", async () => {
  const self = await issued();
  const other = wanted.act(self).message.slice();
  other[other.length - 3] = 0x39;

  const refused = await sign(self.phone(), { ...wanted.act(self), message: other });

  expect(refused).toMatchObject({ ok: false, code: "message_differs" });
  expect(self.sent.map(({ path }) => path)).toEqual(["/v1/signing/begin"]);
});

const LIES: [string, Record<string, unknown>][] = [
  ["signature", { signature: "A".repeat(86) }],
  ["generation", { gen: 7 }],
  ["list without our instance", { deltas: [] }],
];

test.each(LIES)(
  "a DONE with a false %s is not believed and can still be resumed",
  async (_, lie) => {
    const self = await issued();
    const want = wanted.act(self);
    self.bend = (path, answer) =>
      path.endsWith("/complete") && answer.ok
        ? done({ ...(answer.value as object), ...lie })
        : answer;
    const refused = await sign(self.phone(), want);
    const between = key(self, "sign");

    self.bend = (_path, answer) => answer;
    const resumed = await sign(self.phone(), want);

    expect(refused).toMatchObject({ ok: false, code: "bad_answer" });
    expect(between?.inflight).not.toBe(null);
    expect(between?.gen).toBe(1);
    expect(resumed.ok).toBe(true);
  },
);

test("two tabs sign one after the other", async () => {
  const self = await issued();

  const both = await Promise.all([1, 2].map(() => sign(self.phone(), wanted.act(self))));

  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  expect(key(self, "sign")?.gen).toBe(3);
});

test("what is stored holds neither the PIN nor anything to check one against", async () => {
  const self = await issued();

  const auth = key(self);

  expect(Object.keys(auth ?? {}).sort()).toEqual([
    "certificate",
    "gen",
    "inflight",
    "instances",
    "kid",
    "pk",
  ]);
  const instances = Object.values(auth?.instances ?? {}).flat();
  expect(instances).toHaveLength(2);
  for (const instance of instances) {
    expect(Object.keys(instance).sort()).toEqual(["o", "salt", "version"]);
  }
  expect(JSON.stringify(self.store.peek())).not.toContain(PIN);
});
