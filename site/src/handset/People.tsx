import { useState } from "preact/hooks";

import { events } from "../kit/events.ts";
import { settings } from "../app/state/settings.ts";
import { useCell } from "../app/state/cell.ts";
import type { BankInfo } from "../app/wire.ts";
import type { Person } from "./bank.ts";
import { Parties } from "./Parties.tsx";
import { shownPhone } from "./shownPhone.ts";
import { useHandsetWords } from "./useHandsetWords.ts";
import type { HandsetWords } from "./words.ts";

type Fact = readonly [name: string, value: string];

type Of = {
  readonly people: readonly Person[] | null;
  readonly info: BankInfo | null;
  readonly phone: string | null;
  readonly choose: (phone: string) => void;
};

/** Whose phone this is, and what that person types in the app. */
export function People({ people, info, phone, choose }: Of) {
  const words = useHandsetWords();
  const person = people?.find((one) => one.phone === phone);
  return (
    <section class="people" aria-labelledby="who">
      <h2 id="who">{words.who}</h2>
      {people?.length === 0 && <p class="soft">{words.noPeople}</p>}
      <ul class="persons">
        {people?.map((one) => (
          <li key={one.phone}>
            <button
              type="button"
              class="person"
              aria-pressed={one.phone === phone}
              onClick={() => choose(one.phone)}
              data-testid={`person-${one.phone}`}
            >
              <span class="face" aria-hidden="true">
                {one.name.slice(0, 1)}
              </span>
              <span class="person-text">
                <strong>{one.name}</strong>
                <small>{words.stories[one.story] ?? one.story}</small>
              </span>
              <span class="digits">{shownPhone(one.phone)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Other choose={choose} />
      {person !== undefined && <WhatToType person={person} info={info} />}
      {person !== undefined && <Parties key={person.phone} phone={person.phone} />}
    </section>
  );
}

function Other({ choose }: Pick<Of, "choose">) {
  const words = useHandsetWords();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const use = (): void => {
    const right = /^01[0-9]{8,9}$/.test(typed);
    setWrong(!right);
    if (right) choose(typed);
  };
  return (
    <form class="other" noValidate onSubmit={events.submit(use)}>
      <label for="number">{words.number}</label>
      <span class="soft" id="number-hint">
        {words.numberHint}
      </span>
      <div class="line">
        <input
          id="number"
          type="tel"
          inputMode="tel"
          autocomplete="off"
          aria-describedby={wrong ? "number-wrong" : "number-hint"}
          aria-invalid={wrong}
          value={typed}
          onInput={(event) => {
            const digits = events.digits(event, 11);
            setTyped(digits);
            event.currentTarget.value = digits;
          }}
          data-testid="number"
        />
        <button type="submit" class="plain" data-testid="use-number">
          {words.use}
        </button>
      </div>
      {wrong && (
        <span id="number-wrong" class="wrong" role="alert">
          {words.numberWrong}
        </span>
      )}
    </form>
  );
}

function WhatToType({ person, info }: Pick<Of, "info"> & { readonly person: Person }) {
  const words = useHandsetWords();
  const { locale } = useCell(settings.cell);
  const found = info?.carriers.find(({ code }) => code === person.carrier)?.name;
  const carrier = typeof found === "object" ? found[locale] : (found ?? person.carrier);
  const [code, account] = person.elsewhere ?? [null, null];
  const name = info?.banks.find((one) => one.code === code)?.name[locale];
  const other = account === null ? null : `${name ?? code} ${account}`;
  return (
    <div class="notes" data-testid="what-to-type">
      <h2>{words.typeThis}</h2>
      <dl>
        {facts(person, carrier, other, words.facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function facts(
  person: Person,
  carrier: string,
  other: string | null,
  f: HandsetWords["facts"],
): readonly Fact[] {
  const { resident_number: resident, login_id: id, password } = person;
  const all: readonly (readonly [string, string | null])[] = [
    [f.name, person.name],
    [f.carrier, carrier],
    [f.resident, `${resident.slice(0, 6)}-${resident.slice(6)}`],
    [f.birth, person.birth_date],
    [f.phone, person.phone],
    [f.id, id],
    [f.password, password],
    ...person.accounts.map((one) => [f.account(one.name), one.password] as const),
    [f.pin, person.pin],
    [f.elsewhere, other],
  ];
  return all.filter((fact): fact is Fact => fact[1] !== null);
}
