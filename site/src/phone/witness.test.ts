/** The phone as a witness, by the same vectors as the Python phone (tests/vectors/merkle.json). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { bytes, type Bytes } from "../crypto/bytes.ts";
import { cbor } from "../crypto/cbor.ts";
import { dpop } from "../crypto/dpop.ts";
import { merkle } from "../crypto/merkle.ts";
import { treeHead } from "../crypto/treeHead.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { reader } from "../kit/reader.ts";
import { memoryStore } from "./memoryStore.ts";
import { meetHead, meetLog } from "./meetLog.ts";
import { witness, type Witness } from "./witness.ts";

type Inclusion = { index: number; size: number; leaf: string; path: string[]; root: string };
type Consistency = {
  first: number;
  second: number;
  first_root: string;
  second_root: string;
  path: string[];
};
type Head = { name: string; head: Record<string, unknown>; text: string; holds: boolean };
type Encounter = {
  name: string;
  kept: Record<string, unknown> | null;
  shown: { head: Record<string, unknown>; consistency: string[] };
  verdict: "taken" | "refused";
};
type File = {
  log: string;
  key: string;
  inclusion: Inclusion[];
  consistency: Consistency[];
  heads: Head[];
  meetings: Encounter[];
};

const file = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/merkle.json", import.meta.url), "utf8"),
) as File;
const raw = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, "hex"));
const read = (head: unknown) => treeHead.read(reader(head));
const before = ({ kept }: Encounter): Witness => ({
  log: file.log,
  key: raw(file.key),
  head: kept === null ? null : read(kept),
  refused: null,
});

describe("the tree", () => {
  test.each(file.inclusion)("leaf $index of $size is proved, and nowhere else", (one) => {
    const given = {
      ...one,
      leaf: raw(one.leaf),
      root: raw(one.root),
      path: one.path.map(raw),
    };

    expect(merkle.included(given)).toBe(true);
    expect(merkle.included({ ...given, leaf: raw(one.root).reverse() })).toBe(false);
    expect(merkle.included({ ...given, index: one.size })).toBe(false);
    expect(merkle.included({ ...given, path: [...given.path, given.leaf] })).toBe(false);
    if (one.size > 1) expect(merkle.included({ ...given, path: given.path.slice(1) })).toBe(false);
  });

  test("every pair of trees is consistent, and with no other root", () => {
    for (const one of file.consistency) {
      const given = {
        first: one.first,
        second: one.second,
        firstRoot: raw(one.first_root),
        secondRoot: raw(one.second_root),
        path: one.path.map(raw),
      };
      const other = raw(one.second_root).reverse();

      expect(merkle.consistent(given)).toBe(true);
      expect(merkle.consistent({ ...given, secondRoot: other })).toBe(false);
      expect(merkle.consistent({ ...given, firstRoot: other })).toBe(false);
      if (one.first < one.second) {
        expect(merkle.consistent({ ...given, path: given.path.slice(1) })).toBe(false);
        expect(merkle.consistent({ ...given, first: one.second, second: one.first })).toBe(false);
      }
    }
  });
});

test.each(file.heads)("a head holds only as it was signed: $name", async (one) => {
  const head = read(one.head);

  expect(treeHead.text(head)).toBe(one.text);
  expect(await treeHead.holds(head, raw(file.key))).toBe(one.holds);
});

test.each(file.meetings)("$name: $verdict", async (one) => {
  const met = await witness.met(before(one), one.shown);

  expect(met.continued).toBe(one.verdict === "taken");
  expect(met.continued ? met.head : met.shown).toEqual(read(one.shown.head));
});

test.each([null, {}, { head: null }, { head: { size: 1 } }, []])(
  "an answer without a head is no excuse: %j",
  async (answer) => {
    const known = before(file.meetings[1] as Encounter);

    expect(await witness.met(known, answer)).toEqual({ continued: false, shown: null });
  },
);

describe("at a login", () => {
  const meeting = (name: string): Encounter => {
    const found = file.meetings.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const phone = async (one: Encounter) => {
    const base = { v: 1, credential: "c", keys: {}, enrolling: {}, change: null } as const;
    return memoryStore({ ...base, deviceKey: await dpop.createKey(), log: before(one) });
  };
  const answering =
    (answer: Outcome<unknown>, asked: string[] = []) =>
    async (path: string) => {
      asked.push(path);
      return answer;
    };

  test("the continuation of what is kept is asked for and takes its place", async () => {
    const one = meeting("a longer log with its proof");
    const store = await phone(one);
    const asked: string[] = [];

    expect(await meetLog(store, answering(done(one.shown), asked))).toBe("continued");

    expect(asked).toEqual(["/v1/log/sth?since=100"]);
    expect(store.peek()?.log?.head).toEqual(read(one.shown.head));
  });

  test("a rewritten history stops here, and both heads are kept", async () => {
    const one = meeting("a rewritten leaf, all signed anew");
    const store = await phone(one);

    expect(await meetLog(store, answering(done(one.shown)))).toBe("rewritten");

    expect(store.peek()?.log?.head).toEqual(read(one.kept));
    expect(store.peek()?.log?.refused).toEqual(read(one.shown.head));
  });

  test("without an answer nothing is decided; a refusal is no answer to hide behind", async () => {
    const store = await phone(meeting("the same head"));

    expect(await meetLog(store, answering(problem("offline")))).toBe("unanswered");
    expect(await meetLog(store, answering(problem("unavailable", 503)))).toBe("unanswered");
    expect(await meetLog(store, answering(problem("not_found", 404)))).toBe("rewritten");
  });

  test("a head that came with another answer has its proof asked for", async () => {
    const one = meeting("a longer log with its proof");
    const store = await phone(one);
    const asked: string[] = [];
    const answer = done({ first: 100, second: 257, path: one.shown.consistency });

    expect(await meetHead(store, answering(answer, asked), one.shown.head)).toBe("continued");

    expect(asked).toEqual(["/v1/log/proof/consistency?first=100&second=257"]);
  });

  test("a phone that was never enrolled has nothing to compare", async () => {
    expect(await meetLog(memoryStore(), answering(done({})))).toBe("no_log");
  });
});

describe("a leaf", () => {
  const leaf = (hex: string) => Object.fromEntries(cbor(raw(hex)));

  test("is a map of names to numbers, texts, bytes, truths and lists", () => {
    expect(leaf("a0")).toEqual({});
    expect(leaf("a16161f5")).toEqual({ a: true });
    expect(leaf("a2616101616200")).toEqual({ a: 1, b: 0 });
    expect(leaf("a161611b0006651728988000")).toEqual({ a: 1_800_000_000_000_000 });
    expect(leaf("a1616143010203")).toEqual({ a: raw("010203") });
    expect(leaf("a16161826162f6")).toEqual({ a: ["b", null] });
    expect(leaf("a161613863")).toEqual({ a: -100 });
  });

  test.each(["", "80", "a1", "a16161", "a1616101ff", "a10101", "a2616101616102", "a16161fb", "bf"])(
    "anything else is refused: %s",
    (hex) => {
      expect(() => cbor(raw(hex))).toThrow(RangeError);
    },
  );

  test("its hash is SHA-256 behind a zero", () => {
    const said = Buffer.from(merkle.leafHash(bytes.utf8(""))).toString("hex");

    expect(said).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  });
});
