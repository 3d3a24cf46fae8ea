import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { More } from "../parts/More.tsx";
import { Screen } from "../parts/Screen.tsx";
import { usePages } from "../parts/usePages.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Words } from "../../words/ko.ts";
import type { Use } from "../wire.ts";

/** Every use: when, what, with which method, and how it ended. */
export function History() {
  const words = useWords();
  const { entries, problem, more } = usePages<Use>("/v1/certificate/history");
  return (
    <Screen
      name="certificate-history"
      title={words.cert.historyTitle}
      back="/certificate"
      wide
      problem={problem}
    >
      {entries === null && problem === null && <Waiting />}
      {entries?.length === 0 && <p class="note">{words.empty}</p>}
      {entries !== null && entries.length > 0 && (
        <ol class="list" data-testid="history">
          {entries.map((use) => (
            <li class="row" key={use.idx} data-kind={use.kind}>
              <span class="row-text">
                {words.cert.kindsOfUse[use.kind] ?? use.kind}
                <small>{moment.full(use.at, words.lang)}</small>
                <small>{told(use.what, words)}</small>
              </span>
              <span class="row-side soft">#{use.idx}</span>
            </li>
          ))}
        </ol>
      )}
      <More more={more} />
    </Screen>
  );
}

const MONEY = ["amount", "per_transfer", "per_day"];

/** The codes and figures of an entry that have words; others are left out. */
function told(what: Use["what"], { cert, won: wonOf }: Words): string {
  const parts = Object.entries(what).flatMap(([name, value]) => {
    const label = cert.words[name];
    if (label === undefined || (typeof value !== "string" && typeof value !== "number")) return [];
    const shown =
      MONEY.includes(name) && typeof value === "number"
        ? wonOf(won.digits(value))
        : (cert.words[String(value)] ?? cert.reasons[String(value)] ?? String(value));
    return [`${label} ${shown}`];
  });
  return parts.join(" · ");
}
