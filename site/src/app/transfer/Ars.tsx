import { useEffect } from "preact/hooks";

import { moment } from "../../words/moment.ts";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useCountdown } from "../parts/useCountdown.ts";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { askSecondDevices } from "../safeguards/askSecondDevices.ts";
import { clockOffset } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Order, Safeguards } from "../wire.ts";
import { draft } from "./draft.ts";
import { nextPlace } from "./nextPlace.ts";
import { orders } from "./orders.ts";
import { useSendSteps } from "./useSendSteps.ts";

const POLL_MS = 1_000;
/** After wrong digits the call goes on. */
const ON_THE_LINE = ["ringing", "wrong"];

/** Factor: the call. The screen shows the number, the customer keys it on the phone. */
export function Ars() {
  const { send } = useWords();
  const steps = useSendSteps(4);
  const { order } = useCell(draft.cell);
  const { busy, problem, run } = useTask();
  const ringing = ON_THE_LINE.includes(order?.ars?.state ?? "");
  usePolling(order?.id ?? "", ringing);
  useEffect(() => {
    if (order !== null && nextPlace(order) !== "/transfer/ars") route.replace(nextPlace(order));
  }, [order]);
  if (order === null) return null;
  const call = (): void =>
    run(
      () => orders.call(order.id),
      (next) => draft.fill({ order: next }),
    );
  const confirm = (): void =>
    run(
      async () => (await import("./byDevice.ts")).byDevice(order.id),
      (next) => draft.fill({ order: next }),
    );
  const label = order.ars === null ? send.arsCall : send.arsAgain;
  const over = order.ars !== null && order.ars.tries_left === 0;
  return (
    <Screen
      name="transfer-ars"
      title={send.arsTitle}
      lead={send.arsLead}
      steps={steps}
      back="/transfer/check"
      problem={problem}
      {...(over ? {} : { action: { label, busy, run: call, testid: "ars-call" } })}
    >
      {order.ars !== null && <Call ars={order.ars} />}
      <p class="note warn">{send.arsWarn}</p>
      <ByDevice confirm={confirm} />
      <ByMessage />
    </Screen>
  );
}

/** Asks for the order while the line is open. */
function usePolling(id: string, ringing: boolean): void {
  useEffect(() => {
    if (!ringing) return undefined;
    const timer = setInterval(() => {
      void orders.read(id).then((read) => {
        if (read.ok) draft.fill({ order: read.value });
      });
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [id, ringing]);
}

/** A passkey on another device, where one counts. */
function ByDevice({ confirm }: { readonly confirm: () => void }) {
  const { guard } = useWords();
  const { value } = useLoad(askSecondDevices);
  const now = Date.now() / 1000 + clockOffset();
  if (!value?.devices.some(({ effective_at }) => effective_at / 1_000_000 <= now)) return null;
  return (
    <button type="button" class="button second" onClick={confirm} data-testid="by-device">
      {guard.deviceInstead}
    </button>
  );
}

/** For whom a call is no good, where that was registered beforehand; else where one registers. */
function ByMessage() {
  const { guard, menus } = useWords();
  const { value } = useLoad(() => desk.mine<Safeguards>({ method: "GET", path: "/v1/safeguards" }));
  if (value === null) return null;
  if (value.sms_hold.value !== 1) {
    return (
      <p class="soft" data-testid="no-call">
        {guard.noCall} <Link to="/safeguards">{menus.safeguards}</Link>
      </p>
    );
  }
  return (
    <Link to="/transfer/sms" class="button second" testid="by-message">
      {guard.smsInstead(value.rules.sms_hold_minutes)}
    </Link>
  );
}

function Call({ ars }: { readonly ars: NonNullable<Order["ars"]> }) {
  const { send } = useWords();
  const ringing = ON_THE_LINE.includes(ars.state);
  const left = useCountdown(ringing ? ars.rings_until : null);
  return (
    <section class="card">
      {ringing && (
        <>
          <p class="soft">{send.arsNumber}</p>
          <p class="figure" data-testid="ars-number">
            {ars.number}
          </p>
        </>
      )}
      <p role="status" data-testid="ars-state" data-state={ars.state}>
        {send.arsStates[ars.state] ?? ars.state}
      </p>
      <p class="soft">
        {ringing && `${moment.countdown(left)} · `}
        {send.arsLeft(ars.tries_left)}
      </p>
    </section>
  );
}
