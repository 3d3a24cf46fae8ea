import { expect, test } from "vitest";

import { b64u } from "../crypto/b64u.ts";
import { dpop } from "../crypto/dpop.ts";
import { client } from "./client.ts";

type Sent = { url: string; init: RequestInit };

async function talk(answers: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const key = await dpop.createKey();
  const subject = client({
    origin: "http://localhost:1",
    fetch: async (url, init) => {
      sent.push({ url, init });
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error("one call too many");
      return answer();
    },
    key: async () => key,
    random: (length) => new Uint8Array(length).fill(sent.length),
    now: () => 1_700_000_000_000,
  });
  return { subject, sent };
}

const json =
  (value: unknown, status = 200, nonce = "n0") =>
  () =>
    new Response(JSON.stringify(value), { status, headers: { "DPoP-Nonce": nonce } });

const header = ({ init }: Sent, name: string) => new Headers(init.headers).get(name) ?? "";

const claims = (sent: Sent): Record<string, unknown> => {
  const [, part = ""] = header(sent, "DPoP").split(".");
  return JSON.parse(new TextDecoder().decode(b64u.decode(part)));
};

const CALL = { method: "POST", path: "/v1/x", body: '{"a":1}' } as const;

test("told to use a nonce, the client signs again and sends the same bytes once more", async () => {
  const { subject, sent } = await talk([
    json({ code: "use_dpop_nonce" }, 401, "n1"),
    json({ fine: true }),
  ]);

  const outcome = await subject.send(CALL);

  expect(outcome).toEqual({ ok: true, value: { fine: true } });
  expect(sent.map(({ init }) => init.body)).toEqual(['{"a":1}', '{"a":1}']);
  expect(sent.map(claims).map(({ nonce }) => nonce)).toEqual(["", "n1"]);
  expect(new Set(sent.map(claims).map(({ jti }) => jti)).size).toBe(2);
});

test("a nonce refused twice is told, not tried for ever", async () => {
  const refused = json({ code: "use_dpop_nonce" }, 401);
  const { subject, sent } = await talk([refused, refused]);

  const outcome = await subject.send(CALL);

  expect(outcome).toMatchObject({ ok: false, code: "use_dpop_nonce", status: 401 });
  expect(sent).toHaveLength(2);
});

test("a token is sent and bound by the proof", async () => {
  const { subject, sent } = await talk([json({})]);

  await subject.send({ ...CALL, token: "t1" });

  expect(sent.map((one) => header(one, "Authorization"))).toEqual(["DPoP t1"]);
  expect(sent.map(claims)[0]).toHaveProperty("ath");
});

test("a problem document becomes its code and its figures", async () => {
  const { subject } = await talk([
    json(
      { type: "/problems/wrong_code", title: "t", status: 403, code: "wrong_code", tries_left: 2 },
      403,
    ),
  ]);

  expect(await subject.send(CALL)).toEqual({
    ok: false,
    code: "wrong_code",
    status: 403,
    details: { tries_left: 2 },
  });
});

test("no connection, no answer in time and nonsense are problems, not exceptions", async () => {
  const { subject } = await talk([
    () => Promise.reject(new TypeError("failed to fetch")),
    () => Promise.reject(new DOMException("late", "TimeoutError")),
    () => new Response("<html>", { status: 502 }),
    () => new Response(null, { status: 204 }),
  ]);

  const codes = [];
  for (let n = 0; n < 4; n += 1) {
    const outcome = await subject.send(CALL);
    codes.push(outcome.ok ? outcome.value : `${outcome.code} ${outcome.status}`);
  }

  expect(codes).toEqual(["offline 0", "timeout 0", "bad_answer 502", null]);
});
