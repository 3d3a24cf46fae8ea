import { AccountOf } from "../parts/AccountOf.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Order } from "../wire.ts";
import { draft } from "./draft.ts";
import { nextPlace } from "./nextPlace.ts";
import { orders } from "./orders.ts";
import { useSendSteps } from "./useSendSteps.ts";

/** Factor: the password of the account the money leaves. */
export function Password() {
  const { send } = useWords();
  const steps = useSendSteps(4);
  const { order, from } = useCell(draft.cell);
  const { busy, problem, run } = useTask();
  if (order === null) return null;
  const take = (next: Order): void => {
    draft.fill({ order: next });
    route.replace(nextPlace(next));
  };
  return (
    <Screen
      name="transfer-account-password"
      title={send.passwordTitle}
      lead={<AccountOf at={from?.name ?? ""} number={from?.number ?? ""} />}
      steps={steps}
      back="/transfer/check"
      problem={problem}
    >
      {busy ? (
        <Waiting />
      ) : (
        <Keypad
          length={4}
          onDone={(password) => run(() => orders.accountPassword(order.id, password), take)}
        />
      )}
    </Screen>
  );
}

/** The last factor: the PIN signs, and the bank sends. */
export function Pin() {
  const { send } = useWords();
  const steps = useSendSteps(4);
  const { order } = useCell(draft.cell);
  const { busy, problem, run } = useTask();
  if (order === null) return null;
  const take = (next: Order): void => {
    draft.fill({ order: next });
    route.replace("/transfer/result");
  };
  return (
    <Screen
      name="transfer-pin"
      title={send.pinTitle}
      steps={steps}
      back="/transfer/check"
      problem={problem}
    >
      {busy ? (
        <Waiting label={send.sending} />
      ) : (
        <Keypad
          length={6}
          onDone={(pin) =>
            run(
              () => orders.sign(order, pin),
              take,
              ({ code }) => {
                if (code !== "request_already_signed") return false;
                void orders.outcome(order.id).then((read) => read.ok && take(read.value));
                return true;
              },
            )
          }
        />
      )}
    </Screen>
  );
}
