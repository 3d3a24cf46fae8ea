import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { AccountOf } from "../parts/AccountOf.tsx";
import { Choices } from "../parts/Choices.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { settings } from "../state/settings.ts";
import { useWords } from "../state/words.ts";
import { useBankName } from "../transfer/useBankName.ts";
import type { Payee } from "../wire.ts";
import { Sign } from "./Sign.tsx";

const LIST = "/safeguards/payees";

/** One more payee: which account, whose it is, and the PIN. */
export function AddPayee() {
  const [found, find] = useState<Payee | null>(null);
  const [right, setRight] = useState(false);
  const { guard } = useWords();
  if (found === null) return <Ask find={find} />;
  if (!right) return <Confirm payee={found} yes={() => setRight(true)} no={() => find(null)} />;
  const body = { type: "designate_payee", payee_bank: found.bank, payee_account: found.account };
  return (
    <Sign
      what={{ ...body, payee_holder: found.holder }}
      body={body}
      done={guard.payeeAdded}
      to={LIST}
      back={() => setRight(false)}
    />
  );
}

function Ask({ find }: { readonly find: (payee: Payee) => void }) {
  const words = useWords();
  const { guard, send } = words;
  const { locale } = useCell(settings.cell);
  const info = useCell(bank.cell);
  const [code, setCode] = useState<string | null>(null);
  const [account, setAccount] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const short = account.length < 6;
  const own = info === null ? [] : [{ code: info.bank_code, name: info.bank_name }];
  const others = (info?.banks ?? []).filter((one) => one.code !== info?.bank_code);
  const look = (): void => {
    setTried(true);
    if (short || code === null) return;
    run(
      () => desk.mine<Payee>({ method: "POST", path: "/v1/payees", body: { bank: code, account } }),
      find,
    );
  };
  return (
    <Screen
      name="payee-add"
      title={guard.payeeAddTitle}
      back={LIST}
      problem={problem}
      action={{ label: words.next, busy, run: look }}
    >
      <Choices
        grid
        legend={send.bankTitle}
        name="bank"
        value={code}
        onChange={setCode}
        error={tried && code === null ? send.bankMissing : null}
        of={[...own, ...others].map((one) => ({ value: one.code, label: one.name[locale] }))}
      />
      <Field
        label={send.accountLabel}
        testid="payee-account"
        inputMode="numeric"
        look="large"
        value={account}
        error={tried && short ? send.accountMissing : null}
        onInput={(event) => {
          const digits = events.digits(event, 20);
          setAccount(digits);
          event.currentTarget.value = digits;
        }}
      />
    </Screen>
  );
}

type ConfirmOf = { readonly payee: Payee; readonly yes: () => void; readonly no: () => void };

function Confirm({ payee, yes, no }: ConfirmOf) {
  const words = useWords();
  const { guard, send } = words;
  const nameOf = useBankName();
  return (
    <Screen
      name="payee-check"
      title={guard.payeeCheck}
      back={no}
      action={{ label: words.next, run: yes }}
    >
      <section class="card">
        <Facts
          testid="payee"
          of={[
            [send.holder, payee.holder],
            [send.to, <AccountOf at={nameOf(payee.bank)} number={payee.account} />],
          ]}
        />
      </section>
    </Screen>
  );
}
