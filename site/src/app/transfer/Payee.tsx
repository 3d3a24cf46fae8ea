import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import type { Payee } from "../wire.ts";
import { draft } from "./draft.ts";
import { useBankName } from "./useBankName.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** The payee's bank; or somebody one has paid before. */
export function PayeeBank() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(1);
  const { locale } = useCell(settings.cell);
  const info = useCell(bank.cell);
  const own = info === null ? [] : [{ code: info.bank_code, name: info.bank_name }];
  const others = (info?.banks ?? []).filter(({ code }) => code !== info?.bank_code);
  const chosen = useCell(draft.cell).bank;
  const [tried, setTried] = useState(false);
  const go = (): void => (chosen === null ? setTried(true) : route.go("/transfer/account"));
  return (
    <Screen
      name="transfer-bank"
      title={send.bankTitle}
      steps={steps}
      back="/transfer"
      action={{ label: words.next, run: go }}
    >
      <Recent />
      <Choices
        grid
        legend={send.bankTitle}
        name="bank"
        value={chosen}
        onChange={(code) => draft.fill({ bank: code, payee: null })}
        error={tried && chosen === null ? send.bankMissing : null}
        of={[...own, ...others].map(({ code, name }) => ({ value: code, label: name[locale] }))}
      />
    </Screen>
  );
}

function Recent() {
  const { send } = useWords();
  const nameOf = useBankName();
  const { value } = useLoad(() =>
    desk.mine<{ payees: readonly Payee[] }>({ method: "GET", path: "/v1/payees/recent" }),
  );
  if (value === null || value.payees.length === 0) return null;
  const take = (payee: Payee): void => {
    draft.fill({ bank: payee.bank, account: payee.account, payee });
    route.go("/transfer/amount");
  };
  return (
    <section>
      <h2>{send.recent}</h2>
      <ul class="list">
        {value.payees.slice(0, 3).map((payee) => (
          <li key={payee.bank + payee.account}>
            <button type="button" class="row" onClick={() => take(payee)} data-testid="recent">
              <span class="row-text">
                {payee.holder}
                <small>
                  {nameOf(payee.bank)} {payee.account}
                </small>
              </span>
              <Icon name="next" class="chevron" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The payee's account; the bank says whose it is before anything is sent. */
export function PayeeAccount() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(1);
  const nameOf = useBankName();
  const { account, bank: code } = useCell(draft.cell);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const short = account.length < 6;
  const look = (): void => {
    setTried(true);
    if (short) return;
    run(
      () => desk.mine<Payee>({ method: "POST", path: "/v1/payees", body: { bank: code, account } }),
      (payee) => {
        draft.fill({ payee });
        route.go("/transfer/amount");
      },
    );
  };
  return (
    <Screen
      name="transfer-account"
      title={send.accountTitle}
      lead={nameOf(code ?? "")}
      steps={steps}
      back="/transfer/bank"
      problem={problem}
      action={{ label: words.next, busy, run: look }}
    >
      <Field
        label={send.accountLabel}
        testid="payee-account"
        inputMode="numeric"
        look="large"
        value={account}
        error={tried && short ? send.accountMissing : null}
        onInput={(event) => {
          const digits = events.digits(event, 20);
          draft.fill({ account: digits, payee: null });
          event.currentTarget.value = digits;
        }}
      />
    </Screen>
  );
}
