import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Choices } from "../parts/Choices.tsx";
import { Failure } from "../parts/Failure.tsx";
import { Field } from "../parts/Field.tsx";
import { save } from "../parts/save.ts";
import { useTask } from "../parts/useTask.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import { EVERYTHING, isExtract, query, type Search } from "./search.ts";

const TEXT_MAX = 60;
const AMOUNT_DIGITS = 13;
const FILES = { csv: "text/csv", pdf: "application/pdf" } as const;

type Of = { readonly id: string; readonly found: (asked: string) => void };

/** Looking for lines, and taking them along as a file. */
export function Find({ id, found }: Of) {
  const { search } = useWords();
  const [wanted, want] = useState<Search>(EVERYTHING);
  const put = (part: Partial<Search>): void => want({ ...wanted, ...part });
  return (
    <details class="card" data-testid="find">
      <summary>{search.open}</summary>
      <form
        class="filter"
        onSubmit={events.submit(() => found(query(wanted)))}
        data-testid="find-form"
      >
        <Fields wanted={wanted} put={put} />
        <div class="pair-buttons">
          <button
            type="button"
            class="button second"
            data-testid="find-reset"
            onClick={() => {
              want(EVERYTHING);
              found("");
            }}
          >
            {search.reset}
          </button>
          <button type="submit" class="button" data-testid="find-go">
            {search.find}
          </button>
        </div>
      </form>
      <Downloads id={id} wanted={wanted} />
    </details>
  );
}

type FieldsOf = { readonly wanted: Search; readonly put: (part: Partial<Search>) => void };

function Fields({ wanted, put }: FieldsOf) {
  const { search } = useWords();
  return (
    <>
      <Field
        label={search.text}
        testid="find-text"
        value={wanted.text}
        maxLength={TEXT_MAX}
        onInput={(event) => put({ text: events.value(event) })}
      />
      <div class="filter-pair">
        <Field
          label={search.since}
          testid="find-since"
          type="date"
          value={wanted.since}
          onInput={(event) => put({ since: events.value(event) })}
        />
        <Field
          label={search.until}
          testid="find-until"
          type="date"
          value={wanted.until}
          onInput={(event) => put({ until: events.value(event) })}
        />
        <Field
          label={search.least}
          testid="find-least"
          inputMode="numeric"
          value={wanted.least}
          onInput={(event) => put({ least: events.digits(event, AMOUNT_DIGITS) })}
        />
        <Field
          label={search.most}
          testid="find-most"
          inputMode="numeric"
          value={wanted.most}
          onInput={(event) => put({ most: events.digits(event, AMOUNT_DIGITS) })}
        />
      </div>
      <Choices
        legend={search.way}
        name="way"
        grid
        value={wanted.way}
        onChange={(way) => put({ way })}
        of={Object.entries(search.ways).map(([value, label]) => ({ value, label }))}
      />
    </>
  );
}

function Downloads({ id, wanted }: { readonly id: string; readonly wanted: Search }) {
  const words = useWords();
  const { search } = words;
  const { busy, problem, run } = useTask();
  const [saved, setSaved] = useState(false);
  const asked = query(wanted);
  const extract = isExtract(wanted);
  const fetch = (kind: keyof typeof FILES) => (): void => {
    setSaved(false);
    const path = `/v1/accounts/${id}/statement.${kind}?${asked}${asked === "" ? "" : "&"}lang=${words.lang}`;
    run(
      () => desk.mine<Blob>({ method: "GET", path, file: true, timeout_ms: 60_000 }),
      (file) => {
        save(`statement${extract ? "-extract" : ""}.${kind}`, FILES[kind], file);
        setSaved(true);
      },
    );
  };
  return (
    <>
      <Failure problem={problem} />
      <p class="hidden" role="status">
        {saved ? search.saved : ""}
      </p>
      <p class={extract ? "soft" : "hidden"} role="status" data-testid="find-extract">
        {extract ? search.extract : ""}
      </p>
      <div class="pair-buttons">
        <button
          type="button"
          class="button second"
          aria-disabled={busy}
          onClick={fetch("csv")}
          data-testid="download-csv"
        >
          {search.csv}
        </button>
        <button
          type="button"
          class="button second"
          aria-disabled={busy}
          onClick={fetch("pdf")}
          data-testid="download-pdf"
        >
          {search.pdf}
        </button>
      </div>
    </>
  );
}
