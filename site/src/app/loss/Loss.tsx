import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import { Which, type By } from "./Which.tsx";

type Turn = "name" | "birth" | "which";

/** Loss report by anybody, from anywhere, without login. The answer never says whom it matched. */
export function Loss() {
  const [turn, setTurn] = useState<Turn>("name");
  const [name, setName] = useState("");
  const [birth, setBirth] = useState("");
  const [receipt, setReceipt] = useState<string | null>(null);
  const { busy, problem, run } = useTask();
  const report = (by: By, digits: string): void =>
    run(
      () =>
        desk.open<{ receipt: string }>({
          method: "POST",
          path: "/v1/loss-reports",
          body: { name: name.trim(), birth_date: birth, [by]: digits },
        }),
      (answer) => setReceipt(answer.receipt),
    );
  if (receipt !== null) return <Reported receipt={receipt} />;
  if (turn === "name") return <Name name={name} put={setName} next={() => setTurn("birth")} />;
  if (turn === "birth") {
    const back = (): void => setTurn("name");
    return <Birth birth={birth} put={setBirth} back={back} next={() => setTurn("which")} />;
  }
  return <Which busy={busy} problem={problem} back={() => setTurn("birth")} report={report} />;
}

type NameOf = {
  readonly name: string;
  readonly put: (name: string) => void;
  readonly next: () => void;
};

function Name({ name, put, next }: NameOf) {
  const words = useWords();
  const { loss, who } = words;
  const hotline = useCell(bank.cell)?.hotline;
  const [tried, setTried] = useState(false);
  const empty = name.trim() === "";
  return (
    <Screen
      name="loss"
      title={loss.title}
      lead={loss.lead}
      back="/"
      action={{ label: words.next, run: () => (empty ? setTried(true) : next()) }}
    >
      <Field
        label={who.nameLabel}
        testid="name"
        value={name}
        autocomplete="name"
        maxLength={40}
        error={tried && empty ? who.nameMissing : null}
        onInput={(event) => put(events.value(event))}
      />
      {hotline !== undefined && (
        <p class="note">
          {words.hotline} {hotline}
        </p>
      )}
    </Screen>
  );
}

type BirthOf = {
  readonly birth: string;
  readonly put: (birth: string) => void;
  readonly back: () => void;
  readonly next: () => void;
};

function Birth({ birth, put, back, next }: BirthOf) {
  const words = useWords();
  const { loss } = words;
  const [tried, setTried] = useState(false);
  const wrong = birth.length !== 8;
  return (
    <Screen
      name="loss-birth"
      title={loss.birthTitle}
      back={back}
      action={{ label: words.next, run: () => (wrong ? setTried(true) : next()) }}
    >
      <Field
        label={loss.birthLabel}
        hint={loss.birthHint}
        testid="birth"
        inputMode="numeric"
        autocomplete="bday"
        value={birth}
        error={tried && wrong ? loss.birthMissing : null}
        onInput={(event) => {
          const digits = events.digits(event, 8);
          put(digits);
          event.currentTarget.value = digits;
        }}
      />
    </Screen>
  );
}

function Reported({ receipt }: { readonly receipt: string }) {
  const { loss } = useWords();
  return (
    <DoneScreen name="loss-reported" title={loss.doneTitle} lead={loss.doneLead} to="/">
      <section class="card">
        <Facts testid="loss-receipt" of={[[loss.receipt, <span class="mono">{receipt}</span>]]} />
      </section>
      <p class="note">{loss.after}</p>
    </DoneScreen>
  );
}
