import { useEffect, useRef } from "preact/hooks";

import type { Problem } from "../../kit/outcome.ts";
import { won } from "../../kit/won.ts";
import { useWords } from "../state/words.ts";
import type { Words } from "../../words/ko.ts";
import { moment } from "../../words/moment.ts";

const MINUTE = 60;
const MEGABYTE = 2 ** 20;

/** A refusal in plain words: what happened, what to do, the figures, the code. Takes the focus. */
export function Failure({ problem }: { readonly problem: Problem | null }) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [problem]);
  if (problem === null) return null;
  const known = words.problems[problem.code] ?? words.problems["unknown"];
  return (
    <div
      ref={box}
      class="failure"
      role="alert"
      tabIndex={-1}
      data-testid="failure"
      data-code={problem.code}
    >
      <p>
        <strong>{known?.what}</strong>
      </p>
      <p>
        {[reasonOf(problem, words), known?.todo, ...figures(problem, words)].join(" ").trim()}
      </p>
      <small>{words.problemCode(problem.code)}</small>
    </div>
  );
}

/** What ends with a lock; of all else a wrong one costs another message, picture or deposit. */
const LOCKING: ReadonlySet<string> = new Set(["wrong_secret", "wrong_account_password"]);

function reasonOf({ details: { reason } }: Problem, words: Words): string {
  return typeof reason === "string" ? (words.weak[reason] ?? "") : "";
}

function figures({ code, details }: Problem, words: Words): readonly string[] {
  const number = (name: string): number | null => {
    const value = details[name];
    return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
  };
  const tries = number("tries_left");
  const limit = number("limit");
  const left = number("left_today");
  const until = number("until");
  const resend = number("resend_at");
  const retry = number("retry_after_seconds");
  const bytes = number("bytes_max");
  const pixels = number("pixels_max");
  const few = tries !== null && tries <= 2 && LOCKING.has(code);
  return [
    bytes === null ? "" : words.bytesMax(Math.floor(bytes / MEGABYTE)),
    pixels === null ? "" : words.pixelsMax(won.digits(pixels)),
    tries === null ? "" : few ? words.lastTries(tries) : words.triesLeft(tries),
    limit === null ? "" : words.limitIs(words.won(won.digits(limit))),
    left === null ? "" : left === 0 ? words.noneLeft : words.leftToday(words.won(won.digits(left))),
    until === null ? "" : words.untilIs(moment.full(until, words.lang)),
    retry === null || retry < MINUTE ? "" : words.retryIn(Math.ceil(retry / MINUTE)),
    resend === null ? "" : words.resendAt(moment.time(resend, words.lang)),
  ].filter((part) => part !== "");
}
