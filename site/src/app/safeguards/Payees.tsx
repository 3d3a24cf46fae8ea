import { useState } from "preact/hooks";

import { accountNumber } from "../../words/accountNumber.ts";
import { moment } from "../../words/moment.ts";
import { Screen } from "../parts/Screen.tsx";
import { toHeading } from "../parts/toHeading.ts";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { clockOffset } from "../state/bank.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { useBankName } from "../transfer/useBankName.ts";
import type { DesignatedPayee } from "../wire.ts";
import { AddPayee } from "./AddPayee.tsx";

/** The designated payees: those there are, one more, one less. */
export function Payees({ adding }: { readonly adding: boolean }) {
  return adding ? <AddPayee /> : <List />;
}

function List() {
  const { guard } = useWords();
  const {
    value,
    problem: unread,
    reload,
  } = useLoad(() =>
    desk.mine<{ payees: readonly DesignatedPayee[] }>({
      method: "GET",
      path: "/v1/designated-payees",
    }),
  );
  const { problem, run } = useTask();
  const [said, say] = useState("");
  const remove = (id: string): void =>
    run(
      () => desk.mine({ method: "DELETE", path: `/v1/designated-payees/${id}` }),
      () => {
        say(guard.payeeRemoved);
        reload();
        toHeading();
      },
    );
  return (
    <Screen
      name="designated-payees"
      title={guard.payees}
      back="/safeguards/designated"
      problem={problem ?? unread}
      action={{
        label: guard.payeeAdd,
        run: () => route.go("/safeguards/payees/add"),
        testid: "payee-add",
      }}
    >
      <p role="status" class={said === "" ? "hidden" : "note good"}>
        {said}
      </p>
      {value === null && unread === null && <Waiting />}
      {value?.payees.length === 0 && <p class="note">{guard.payeesNone}</p>}
      <ul class="list" data-testid="payee-list">
        {value?.payees.map((one) => (
          <Line key={one.id} payee={one} remove={() => remove(one.id)} />
        ))}
      </ul>
    </Screen>
  );
}

function Line({ payee, remove }: { readonly payee: DesignatedPayee; readonly remove: () => void }) {
  const { guard, lang } = useWords();
  const nameOf = useBankName();
  const { holder, bank, account, added_at, effective_at } = payee;
  const waits = effective_at / 1_000_000 > Date.now() / 1000 + clockOffset();
  return (
    <li class="row">
      <span class="row-text">
        {holder}
        <small>
          {nameOf(bank)} {accountNumber(account)}
        </small>
        <small>
          {waits
            ? guard.payeeFrom(moment.full(effective_at, lang))
            : guard.payeeSince(moment.date(added_at, lang))}
        </small>
      </span>
      <button
        type="button"
        class="button second small"
        aria-label={guard.payeeRemoveLabel(holder)}
        onClick={remove}
        data-testid="payee-remove"
      >
        {guard.payeeRemove}
      </button>
    </li>
  );
}
