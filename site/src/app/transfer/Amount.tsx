import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { won } from "../../kit/won.ts";
import { leaving } from "../money/leaving.ts";
import { AccountOf } from "../parts/AccountOf.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { draft } from "./draft.ts";
import { useBankName } from "./useBankName.ts";
import { useSendSteps } from "./useSendSteps.ts";

const STEPS = [10_000, 50_000, 100_000, 1_000_000];

/** How much: typed, or added up by the quick keys; read aloud in the Korean way. */
export function Amount() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(2);
  const nameOf = useBankName();
  const { from, payee, amount } = useCell(draft.cell);
  const [tried, setTried] = useState(false);
  const available = from === null ? 0 : leaving.now(from);
  const capped = from !== null && leaving.capped(from);
  const value = amount ?? 0;
  const short = capped ? send.amountCapped : send.amountShort;
  const wrong = value < 1 ? send.amountMissing : value > available ? short : null;
  const put = (next: number | null): void => draft.fill({ amount: next });
  const go = (): void => (wrong === null ? route.go("/transfer/memo") : setTried(true));
  return (
    <Screen
      name="transfer-amount"
      title={send.amountTitle(payee?.holder ?? "")}
      lead={<AccountOf at={nameOf(payee?.bank ?? "")} number={payee?.account ?? ""} />}
      steps={steps}
      back="/transfer/account"
      action={{ label: words.next, run: go }}
    >
      <Field
        label={send.amountLabel}
        testid="amount"
        look="large"
        inputMode="numeric"
        value={amount === null ? "" : won.digits(amount)}
        hint={(capped ? send.availableCapped : send.available)(words.won(won.digits(available)))}
        error={tried ? wrong : null}
        onInput={(event) => {
          const typed = won.parse(events.digits(event, 12));
          put(typed);
          event.currentTarget.value = typed === null ? "" : won.digits(typed);
        }}
      />
      <p class="soft" aria-live="polite" data-testid="reading">
        {value > 0 ? words.reading(value) : " "}
      </p>
      <QuickKeys value={value} available={available} put={put} />
      {value > 0 && <Needs amount={value} />}
    </Screen>
  );
}

type QuickOf = {
  readonly value: number;
  readonly available: number;
  readonly put: (next: number | null) => void;
};

function QuickKeys({ value, available, put }: QuickOf) {
  const { send, lang } = useWords();
  return (
    <div class="chips">
      {STEPS.map((step) => (
        <button
          type="button"
          class="chip"
          key={step}
          onClick={() => put(value + step)}
          data-testid={`add-${step}`}
        >
          {send.add(lang === "ko" ? won.reading(step).replace("원", "") : won.digits(step))}
        </button>
      ))}
      <button type="button" class="chip" onClick={() => put(available)} data-testid="add-all">
        {send.all}
      </button>
      <button type="button" class="chip" onClick={() => put(null)} data-testid="amount-clear">
        {send.clear}
      </button>
    </div>
  );
}

/** What this amount will ask for. Said beforehand; decided by the bank when the order is placed. */
function Needs({ amount }: { readonly amount: number }) {
  const words = useWords();
  const tiers = useCell(bank.cell)?.tiers ?? [];
  const tier = tiers.find(({ up_to }) => amount <= up_to);
  const most = tiers.at(-1)?.up_to ?? 0;
  if (tiers.length === 0) return null;
  return (
    <p class="note" data-testid="needs">
      {tier === undefined
        ? words.send.tooMuch(words.won(won.digits(most)))
        : words.send.needs(tier.needs.map((need) => words.send.factors[need] ?? need).join(" + "))}
    </p>
  );
}
