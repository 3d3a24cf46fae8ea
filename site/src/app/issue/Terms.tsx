import { useEffect } from "preact/hooks";

import type { Outcome } from "../../kit/outcome.ts";
import { problem } from "../../kit/problem.ts";
import { events } from "../../kit/events.ts";
import { Prose } from "../parts/Prose.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import type { Term as TermOf } from "../wire.ts";
import { flow } from "./flow.ts";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

let loaded: Promise<Outcome<{ terms: readonly TermOf[] }>> | null = null;

/** Asked once for the list and the reading of each; asked again after a refusal. */
async function allTerms(): Promise<Outcome<{ terms: readonly TermOf[] }>> {
  loaded ??= desk.open({ method: "GET", path: "/v1/terms" });
  const answer = await loaded;
  if (!answer.ok) loaded = null;
  return answer;
}

function agree(code: string, yes: boolean): void {
  const agreed = new Set(flow.draft.get().agreed);
  if (yes) agreed.add(code);
  else agreed.delete(code);
  flow.fill({ agreed });
}

/** Every term by itself, required or optional, and all at once. */
export function Terms() {
  const words = useWords();
  const steps = useSteps(1);
  const { locale } = useCell(settings.cell);
  const { agreed } = useCell(flow.draft);
  const { value, problem: unread } = useLoad(allTerms);
  const { busy, problem: refused, run, fail } = useTask();
  useEffect(() => fail(null), [agreed]); // what was missing may be there now
  const terms = value?.terms ?? [];
  const send = (): void => {
    if (terms.some(({ code, required }) => required && !agreed.has(code))) {
      return fail(problem("terms_not_agreed"));
    }
    const chosen = terms
      .filter(({ code }) => agreed.has(code))
      .map(({ code, version }) => ({ code, version }));
    run(
      () => flow.begin(chosen, locale),
      (state) => route.go(placeOf(state)),
      ({ code }) => {
        if (code === "terms_outdated") loaded = null;
        return false;
      },
    );
  };
  return (
    <Screen
      name="issue-terms"
      title={words.terms.title}
      steps={steps}
      back="/issue"
      problem={refused ?? unread}
      action={{ label: words.next, busy, run: send }}
    >
      {value === null && unread === null && <Waiting />}
      {terms.length > 0 && <All terms={terms} agreed={agreed} />}
      <ul class="list">
        {terms.map((term) => (
          <OneTerm key={term.code} term={term} agreed={agreed.has(term.code)} />
        ))}
      </ul>
    </Screen>
  );
}

type AllOf = { readonly terms: readonly TermOf[]; readonly agreed: ReadonlySet<string> };

function All({ terms, agreed }: AllOf) {
  const words = useWords();
  const every = terms.every(({ code }) => agreed.has(code));
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={every}
        data-testid="agree-all"
        onChange={(event) => {
          const yes = events.checked(event);
          for (const { code } of terms) agree(code, yes);
        }}
      />
      <span class="choice-text">
        <strong>{words.terms.all}</strong>
        <small>{words.terms.allHint}</small>
      </span>
    </label>
  );
}

function OneTerm({ term, agreed }: { readonly term: TermOf; readonly agreed: boolean }) {
  const words = useWords();
  const { locale } = useCell(settings.cell);
  const title = term.title[locale];
  return (
    <li class="row">
      <label class="row-text check">
        <input
          type="checkbox"
          checked={agreed}
          data-testid={`agree-${term.code}`}
          onChange={(event) => agree(term.code, events.checked(event))}
        />
        <span>
          <span class="tag">{term.required ? words.required : words.optional}</span> {title}
        </span>
      </label>
      <Link to={`/issue/terms/${term.code}`} class="bar-button" testid={`read-${term.code}`}>
        <span aria-hidden="true">{words.terms.readShort}</span>
        <span class="hidden">{words.terms.read(title)}</span>
      </Link>
    </li>
  );
}

/** One term in full. */
export function Term({ code }: { readonly code: string }) {
  const words = useWords();
  const { locale } = useCell(settings.cell);
  const { value, problem: unread } = useLoad(allTerms);
  const term = value?.terms.find((one) => one.code === code);
  if (term === undefined) {
    return (
      <Screen name="issue-term" title={words.terms.title} back="/issue/terms" problem={unread}>
        {value === null && unread === null && <Waiting />}
      </Screen>
    );
  }
  const accept = (): void => {
    agree(code, true);
    route.back("/issue/terms");
  };
  return (
    <Screen
      name="issue-term"
      title={term.title[locale]}
      lead={words.terms.version(String(term.version))}
      back="/issue/terms"
      action={{ label: words.terms.agreeThis, run: accept }}
    >
      <Prose text={term.text[locale]} />
    </Screen>
  );
}
