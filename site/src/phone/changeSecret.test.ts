import { expect, test } from "vitest";

import { changeSecret } from "./changeSecret.ts";
import { sign } from "./sign.ts";
import { issued, PageClosed, PIN, wanted, type World } from "./testing/world.ts";

const NEXT = "917364";
const change = { token: "t", m: "pin", pin: PIN, next: NEXT } as const;

const works = async (self: World, pin: string) => {
  const outcomes = [
    await sign(self.phone(), wanted.login(self, "pin", pin)),
    await sign(self.phone(), wanted.act(self, "pin", pin)),
  ];
  return outcomes.map(({ ok }) => ok);
};

const versions = (self: World, m: "pin" | "pattern") =>
  (["auth", "sign"] as const).map((kind) =>
    (self.store.peek()?.keys[kind]?.instances[m] ?? []).map(({ version }) => version),
  );

test("a new PIN holds for both keys and the old one no longer does", async () => {
  const self = await issued();

  const changed = await changeSecret(self.phone(), change);

  expect(changed.ok).toBe(true);
  expect(versions(self, "pin")).toEqual([[1], [1]]);
  expect(self.store.peek()?.change).toBe(null);
  expect(await works(self, NEXT)).toEqual([true, true]);
  expect(await works(self, PIN)).toEqual([false, false]);
});

test("the pattern still logs in after a change of the PIN", async () => {
  const self = await issued();
  await changeSecret(self.phone(), change);

  expect((await sign(self.phone(), wanted.login(self, "pattern"))).ok).toBe(true);
});

test("a new pattern is registered with the PIN, on the key auth only", async () => {
  const self = await issued();

  const changed = await changeSecret(self.phone(), { ...change, m: "pattern", next: "6-3-0-1" });

  expect(changed.ok).toBe(true);
  expect(versions(self, "pattern")).toEqual([[1], []]);
  expect((await sign(self.phone(), wanted.login(self, "pattern", "6-3-0-1"))).ok).toBe(true);
  expect((await sign(self.phone(), wanted.login(self, "pattern"))).ok).toBe(false);
});

test("with a wrong PIN nothing changes", async () => {
  const self = await issued();

  const refused = await changeSecret(self.phone(), { ...change, pin: "482916" });

  expect(refused).toMatchObject({ ok: false, code: "wrong_secret" });
  expect(await works(self, PIN)).toEqual([true, true]);
});

// 1 change, then per key: act, begin, complete; then per key: proofs, begin, complete.
const CALLS = Array.from({ length: 13 }, (_, at) => at + 1);

const CRASHES = ["crash_before", "crash_after"] as const;

test.each(CALLS.flatMap((nth) => CRASHES.map((crash) => [crash, nth] as const)))(
  "%s of call %d: exactly one of the two PINs holds, for both keys",
  async (crash, nth) => {
    const self = await issued();
    self.fate = (_path, at) => (at === nth ? crash : "arrives");
    await expect(changeSecret(self.phone(), change)).rejects.toThrow(PageClosed);
    self.fate = () => "arrives";

    const over = self.bank.signatures.length;
    const old = await works(self, PIN);
    const next = await works(self, NEXT);

    const switched = crash === "crash_after" && nth === 13;
    expect(old).toEqual([!switched, !switched]);
    expect(next).toEqual([switched, switched]);
    expect(self.bank.signatures.length).toBe(over + 2);
    expect(self.bank.suspended).toBe(false);
  },
);

test.each([4, 7, 10, 12])("after a crash at call %d the change can be made again", async (nth) => {
  const self = await issued();
  self.fate = (_path, at) => (at === nth ? "crash_after" : "arrives");
  await expect(changeSecret(self.phone(), change)).rejects.toThrow(PageClosed);
  self.fate = () => "arrives";

  const again = await changeSecret(self.phone(), change);

  expect(again.ok).toBe(true);
  expect(await works(self, NEXT)).toEqual([true, true]);
});

test("the last proof's answer lost, the new PIN logs in at once", async () => {
  const self = await issued();
  self.fate = (_path, at) => (at === 13 ? "crash_after" : "arrives");
  await expect(changeSecret(self.phone(), change)).rejects.toThrow(PageClosed);
  self.fate = () => "arrives";

  expect(await works(self, NEXT)).toEqual([true, true]);
});
