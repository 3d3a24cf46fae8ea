import { useEffect, useState } from "preact/hooks";

import { bank, type Party } from "./bank.ts";
import { useHandsetWords } from "./useHandsetWords.ts";

/** The parties outside: sample pictures to send, and what each party shall answer. */
export function Parties({ phone }: { readonly phone: string }) {
  const words = useHandsetWords();
  const [parties, setParties] = useState<Readonly<Record<string, Party>> | null>(null);
  const load = (): void => void bank.outcomes(phone).then(setParties);
  useEffect(load, [phone]);
  if (parties === null) return null;
  const choose = (party: string, outcome: string): void =>
    void bank.choose(phone, party, outcome).then(load);
  return (
    <section class="notes" aria-labelledby="parties" data-testid="parties">
      <h2 id="parties">{words.parties}</h2>
      <p class="soft">{words.partiesLead}</p>
      {Object.entries(parties).map(([name, party]) => (
        <One
          key={name}
          name={name}
          party={party}
          phone={phone}
          choose={(outcome) => choose(name, outcome)}
        />
      ))}
    </section>
  );
}

type OneOf = {
  readonly name: string;
  readonly party: Party;
  readonly phone: string;
  readonly choose: (outcome: string) => void;
};

function One({ name, party, phone, choose }: OneOf) {
  const words = useHandsetWords();
  const word = (code: string): string => words.outcomes[code] ?? code;
  return (
    <div class="other">
      <label for={`party-${name}`}>{words.partyNames[name] ?? name}</label>
      <select
        id={`party-${name}`}
        class="party"
        data-testid={`party-${name}`}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {party.choices.map((one) => (
          <option key={one} value={one} selected={one === party.chosen}>
            {word(one)}
          </option>
        ))}
      </select>
      {party.samples.length > 0 && (
        <p class="samples">
          {words.samples}{" "}
          {party.samples.map((one) => (
            <a
              key={one}
              href={`/_handset/samples/${name}/${one}.png?phone=${phone}`}
              download={`sample-${name}-${one}.png`}
              data-testid={`sample-${name}-${one}`}
            >
              {word(one)}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}
