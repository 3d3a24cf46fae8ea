import { won } from "../../kit/won.ts";
import { moment } from "../../words/moment.ts";
import { AccountOf } from "../parts/AccountOf.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { fieldOf } from "./fieldOf.ts";
import { HoldNote } from "./HoldNote.tsx";
import { nextPlace } from "./nextPlace.ts";
import { orders } from "./orders.ts";
import { SignedFields } from "./SignedFields.tsx";
import { useBankName } from "./useBankName.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** Exactly what is going to be signed, before any factor is asked. */
export function Check() {
  const words = useWords();
  const { send } = words;
  const steps = useSendSteps(3);
  const { order } = useCell(draft.cell);
  const left = useCountdown(order?.expires_at ?? null);
  const { busy, problem, run } = useTask();
  if (order === null) return null;
  const stop = (): void =>
    run(
      () => orders.cancel(order.id),
      () => {
        draft.clear();
        route.replace("/");
      },
    );
  return (
    <Screen
      name="transfer-check"
      title={send.checkTitle}
      lead={send.checkLead}
      steps={steps}
      problem={problem}
      action={{ label: send.confirm, run: () => route.go(nextPlace(order)), busy: left === 0 }}
    >
      <Shown order={order} />
      {order.hold !== null && <HoldNote hold={order.hold} />}
      <p class="soft" data-testid="order-left">
        {send.until} {moment.countdown(left)}
      </p>
      <SignedFields fields={order.request.fields} title={send.signedAll} />
      <button
        type="button"
        class="button quiet"
        aria-disabled={busy}
        onClick={stop}
        data-testid="cancel"
      >
        {send.stop}
      </button>
    </Screen>
  );
}

function Shown({ order }: { readonly order: Order }) {
  const { send, won: wonOf, reading } = useWords();
  const { from } = useCell(draft.cell);
  const nameOf = useBankName();
  const { fields } = order.request;
  const { text, number } = fieldOf;
  const fee = number(fields, "fee");
  return (
    <section class="card">
      <p class="amount">{wonOf(won.digits(number(fields, "amount")))}</p>
      <p class="soft">{reading(number(fields, "amount"))}</p>
      <Facts
        testid="check"
        of={[
          [send.holder, text(fields, "payee_holder")],
          [
            send.to,
            <AccountOf
              at={nameOf(text(fields, "payee_bank"))}
              number={text(fields, "payee_account")}
            />,
          ],
          [send.from, <AccountOf at={from?.name ?? ""} number={from?.number ?? ""} />],
          [send.fee, fee === 0 ? send.feeNone : wonOf(won.digits(fee))],
          [send.memo, text(fields, "memo") || "-"],
          [send.need, order.needed.map((need) => send.factors[need] ?? need).join(" + ")],
        ]}
      />
    </section>
  );
}
