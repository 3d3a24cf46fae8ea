import { expect, test } from "vitest";

import { b64u } from "../crypto/b64u.ts";
import { done } from "../kit/done.ts";
import { deviceKey } from "./deviceKey.ts";
import { enrolKey } from "./enrolKey.ts";
import { finishEnrolment } from "./finishEnrolment.ts";
import { sign } from "./sign.ts";
import { issued, PATTERN, PIN, wanted, world, type Fate } from "./testing/world.ts";

const AUTH = { token: "t", kind: "auth", pin: PIN, pattern: PATTERN } as const;
const SIGN = { token: "t", kind: "sign", pin: PIN, pattern: null } as const;

test("the device key is made once", async () => {
  const self = world();

  const [first, second] = [await deviceKey(self.store), await deviceKey(self.store)];

  expect(first).toBe(second);
});

test("a key is proved with every secret before it is issued", async () => {
  const self = world();
  await deviceKey(self.store);

  const outcome = await enrolKey(self.phone(), AUTH);

  expect(outcome).toEqual(done({ name: "김하나", subjectId: "DJ-1" }));
  expect(self.bank.signatures).toHaveLength(2);
  expect(self.store.peek()?.keys).toEqual({});
  expect(self.store.peek()?.enrolling.auth).toMatchObject({ gen: 2, inflight: null });
});

test.each(["request_lost", "answer_lost"] as const)(
  "E1 and E2, %s: over again with a new kid",
  async (loss) => {
    for (const step of ["/keys", "/shares"]) {
      const self = world();
      await deviceKey(self.store);
      let lost = 0;
      self.fate = (path): Fate => (path.endsWith(step) && (lost += 1) === 1 ? loss : "arrives");

      const outcome = await enrolKey(self.phone(), AUTH);

      expect(outcome.ok).toBe(true);
      expect(new Set(self.sent.map(({ body }) => body)).size).toBe(self.sent.length);
    }
  },
);

test("a request to sign for another key or with extra bytes is refused", async () => {
  const self = world();
  await deviceKey(self.store);
  self.bend = (path, answer) => {
    if (!path.endsWith("/shares") || !answer.ok) return answer;
    const value = answer.value as { cri: string };
    const cri = b64u.decode(value.cri);
    cri[cri.length - 10] = (cri[cri.length - 10] ?? 0) ^ 1;
    return done({ ...value, cri: b64u.encode(cri) });
  };

  const outcome = await enrolKey(self.phone(), AUTH);

  expect(outcome).toMatchObject({ ok: false, code: "message_differs" });
  expect(self.bank.signatures).toEqual([]);
});

test("a server that sends a wrong share gets nothing", async () => {
  const self = world();
  await deviceKey(self.store);
  self.bend = (path, answer) =>
    path.endsWith("/keys") && answer.ok
      ? done({
          ...(answer.value as object),
          share: b64u.encode(Uint8Array.of(5, ...Array(31).fill(0))),
        })
      : answer;

  const outcome = await enrolKey(self.phone(), AUTH);

  expect(outcome).toMatchObject({ ok: false, code: "bad_answer" });
  expect(self.sent.some(({ path }) => path.endsWith("/shares"))).toBe(false);
});

test("a reissue leaves the old keys alone until its end, then replaces both at once", async () => {
  const self = await issued();
  const before = self.store.peek()?.keys;
  await enrolKey(self.phone(), AUTH);
  await enrolKey(self.phone(), SIGN);
  const during = self.store.peek()?.keys;

  const finished = await finishEnrolment(self.phone(), "t");

  const after = self.store.peek();
  expect(during).toBe(before);
  expect(finished).toEqual(done({ credential: "c2", subjectId: "DJ-1" }));
  expect(after?.enrolling).toEqual({});
  expect(after?.keys.auth?.kid).not.toBe(before?.auth?.kid);
  expect((await sign(self.phone(), wanted.act(self))).ok).toBe(true);
});

test("finishing twice gives the same", async () => {
  const self = await issued();

  const again = await finishEnrolment(self.phone(), "t");

  expect(again).toEqual(done({ credential: "c1", subjectId: "DJ-1" }));
  expect((await sign(self.phone(), wanted.login(self))).ok).toBe(true);
});

test("a certificate for another key is refused", async () => {
  const self = world();
  await deviceKey(self.store);
  await enrolKey(self.phone(), AUTH);
  await enrolKey(self.phone(), SIGN);
  self.bend = (path, answer) => {
    if (!path.endsWith("/finish") || !answer.ok) return answer;
    const { credential, ...rest } = answer.value as {
      credential: { certificates: { auth: string; sign: string } };
    };
    const { auth, sign } = credential.certificates;
    const certificates = { auth: sign, sign: auth };
    return done({ ...rest, credential: { ...credential, certificates } });
  };

  const outcome = await finishEnrolment(self.phone(), "t");

  expect(outcome).toMatchObject({ ok: false, code: "certificate_differs" });
  expect(self.store.peek()?.keys).toEqual({});
});
