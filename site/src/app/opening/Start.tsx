import { events } from "../../kit/events.ts";
import { problem } from "../../kit/problem.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { useEffect, useState } from "preact/hooks";
import { askAccounts } from "../money/askAccounts.ts";
import { Choices } from "../parts/Choices.tsx";
import { Link } from "../parts/Link.tsx";
import { Prose } from "../parts/Prose.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import type { Term } from "../wire.ts";
import { suspendedKid } from "./suspendedKid.ts";
import { flow, type Wish } from "./flow.ts";
import { placeOf } from "./places.ts";

type Terms = { readonly terms: readonly Term[] };

function askTerms(): Promise<Outcome<Terms>> {
  return desk.open({ method: "GET", path: "/v1/account-openings/terms" });
}

/** What is going to happen; and what was begun before is gone on with. */
export function Start({ wish }: { readonly wish: Wish }) {
  useEffect(() => {
    void flow.resume().then((outcome) => {
      if (outcome.ok) route.replace(placeOf(outcome.value));
    });
  }, []);
  if (wish === "opening") return <OpenStart />;
  if (wish === "identify") return <IdentifyStart />;
  return wish === "unlock" ? <UnlockStart /> : <ReleaseStart />;
}

function OpenStart() {
  const over = useCell(flow.over);
  const words = useWords();
  const { opening } = words;
  const { locale } = useCell(settings.cell);
  const { agreed } = useCell(flow.draft);
  const { value, problem: unread } = useLoad(askTerms);
  const { busy, problem: refused, run, fail } = useTask();
  useEffect(() => fail(null), [agreed]); // what was missing may be there now
  const terms = value?.terms ?? [];
  const agree = (code: string, yes: boolean): void => {
    const next = new Set(agreed);
    if (yes) next.add(code);
    else next.delete(code);
    flow.fill({ agreed: next });
  };
  const begin = (): void => {
    if (terms.some(({ code, required }) => required && !agreed.has(code))) {
      return fail(problem("terms_not_agreed"));
    }
    const chosen = terms.filter(({ code }) => agreed.has(code));
    run(
      () =>
        flow.begin("/v1/account-openings", {
          agreed: chosen.map(({ code, version }) => ({ code, version })),
        }),
      (state) => route.go(placeOf(state)),
    );
  };
  return (
    <Screen
      name="opening-start"
      title={opening.title}
      lead={opening.lead}
      back="/accounts"
      problem={refused ?? unread ?? over}
      action={{ label: opening.begin, busy, run: begin }}
    >
      <Needed of={opening.need} />
      {value === null && unread === null && <Waiting />}
      <ul class="list">
        {terms.map(({ code, title }) => (
          <li class="row" key={code}>
            <label class="row-text check">
              <input
                type="checkbox"
                checked={agreed.has(code)}
                data-testid={`agree-${code}`}
                onChange={(event) => agree(code, events.checked(event))}
              />
              <span>
                <span class="tag">{words.required}</span> {title[locale]}
              </span>
            </label>
            <Link to={`/opening/terms/${code}`} class="bar-button" testid={`read-${code}`}>
              <span aria-hidden="true">{words.terms.readShort}</span>
              <span class="hidden">{words.terms.read(title[locale])}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

/** One document in full. */
export function OpeningTerm({ code }: { readonly code: string }) {
  const words = useWords();
  const { locale } = useCell(settings.cell);
  const { value, problem: unread } = useLoad(askTerms);
  const term = value?.terms.find((one) => one.code === code);
  const accept = (): void => {
    flow.fill({ agreed: new Set([...flow.draft.get().agreed, code]) });
    route.back("/opening");
  };
  if (term === undefined) {
    return (
      <Screen name="opening-term" title={words.terms.title} back="/opening" problem={unread}>
        {unread === null && <Waiting />}
      </Screen>
    );
  }
  return (
    <Screen
      name="opening-term"
      title={term.title[locale]}
      lead={words.terms.version(String(term.version))}
      back="/opening"
      action={{ label: words.terms.agreeThis, run: accept }}
    >
      <Prose text={term.text[locale]} />
    </Screen>
  );
}

function UnlockStart() {
  const over = useCell(flow.over);
  const words = useWords();
  const { opening } = words;
  const { value, problem: unread } = useLoad(askAccounts);
  const [accountId, choose] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { busy, problem: refused, run } = useTask();
  const begin = (): void => {
    setTried(true);
    if (accountId === null) return;
    run(
      () => flow.begin("/v1/password-unlocks", { account_id: accountId }),
      (state) => route.go(placeOf(state)),
    );
  };
  return (
    <Screen
      name="unlock-start"
      title={opening.unlockTitle}
      lead={opening.unlockStartLead}
      back="/menu"
      problem={refused ?? unread ?? over}
      action={{ label: opening.begin, busy, run: begin }}
    >
      {value === null && unread === null && <Waiting />}
      <Choices
        legend={opening.unlockTitle}
        name="account"
        value={accountId}
        onChange={choose}
        error={tried && accountId === null ? words.enrol.accountMissing : null}
        of={(value?.accounts ?? []).map(({ id, name, number }) => ({
          value: id,
          label: name,
          hint: number,
        }))}
      />
    </Screen>
  );
}

function IdentifyStart() {
  const over = useCell(flow.over);
  const { opening } = useWords();
  const { busy, problem: refused, run } = useTask();
  const begin = (): void =>
    run(
      () => flow.begin("/v1/identifications", {}),
      (state) => route.go(placeOf(state)),
    );
  return (
    <Screen
      name="identify-start"
      title={opening.identifyTitle}
      lead={opening.identifyLead}
      back={flow.after.get()}
      problem={refused ?? over}
      action={{ label: opening.begin, busy, run: begin }}
    >
      <Needed of={opening.identifyNeed} />
      <p class="note warn">{opening.identifyWarn}</p>
    </Screen>
  );
}

function Needed({ of }: { readonly of: readonly string[] }) {
  const { opening } = useWords();
  return (
    <section class="note">
      <h2>{opening.needTitle}</h2>
      <ul class="hints">
        {of.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}

function ReleaseStart() {
  const over = useCell(flow.over);
  const { opening } = useWords();
  const { busy, problem: refused, run, fail } = useTask();
  const begin = (): void =>
    void suspendedKid().then((kid) => {
      if (kid === null) return fail(problem("no_key"));
      return run(
        () => flow.begin("/v1/loss-releases", { kid }),
        (state) => route.go(placeOf(state)),
      );
    });
  return (
    <Screen
      name="release-start"
      title={opening.releaseTitle}
      lead={opening.releaseLead}
      back="/menu"
      problem={refused ?? over}
      action={{ label: opening.begin, busy, run: begin }}
    >
      <Needed of={opening.releaseNeed} />
    </Screen>
  );
}
