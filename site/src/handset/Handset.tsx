import { useEffect, useState } from "preact/hooks";

import { useCell } from "../app/state/cell.ts";
import { settings } from "../app/state/settings.ts";
import type { BankInfo } from "../app/wire.ts";
import { bank, type Person } from "./bank.ts";
import { chosenPhone } from "./chosenPhone.ts";
import { People } from "./People.tsx";
import { Phone } from "./Phone.tsx";
import { useHandsetWords } from "./useHandsetWords.ts";

/** The page: on a wide screen a table with the notes and the phone, on a phone one of the two. */
export function Handset() {
  const words = useHandsetWords();
  const { locale } = useCell(settings.cell);
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [phone, setPhone] = useState(chosenPhone.read);
  const [view, setView] = useState<"people" | "phone">(phone === null ? "people" : "phone");
  const [info, setInfo] = useState<BankInfo | null>(null);
  useEffect(() => {
    void bank.people().then((found) => setPeople(found ?? []));
    void bank.info().then(setInfo);
  }, []);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.title = words.title;
  }, [locale]);
  const choose = (next: string): void => {
    chosenPhone.keep(next);
    setPhone(next);
    setView("phone");
  };
  const other = locale === "ko" ? "en" : "ko";
  return (
    <main class="table" data-view={view}>
      <div class="desk">
        <header class="top">
          <h1>{words.heading}</h1>
          <button
            type="button"
            class="plain"
            lang={other}
            onClick={() => settings.change({ locale: other })}
            data-testid="language"
          >
            {words.otherLanguage}
          </button>
        </header>
        <p class="soft">{words.lead}</p>
        <People people={people} info={info} phone={phone} choose={choose} />
      </div>
      <Phone
        key={phone ?? ""}
        phone={phone}
        info={info}
        sender={info?.bank_name[locale] ?? words.sender}
        people={() => setView("people")}
      />
    </main>
  );
}
