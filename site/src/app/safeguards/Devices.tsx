import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { toHeading } from "../parts/toHeading.ts";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { clockOffset } from "../state/bank.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import type { Safeguards, SecondDevice } from "../wire.ts";
import { askSecondDevices } from "./askSecondDevices.ts";
import { type Made, makeSecondDevice } from "./secondDevice.ts";
import { Sign } from "./Sign.tsx";
import { wish } from "../opening/wish.ts";

/** Passkeys on other devices, in the call's place: those there are, one more, one less. */
export function Devices({ of }: { readonly of: Safeguards }) {
  const words = useWords();
  const { guard } = words;
  const { value, problem: unread, reload } = useLoad(askSecondDevices);
  const { busy, problem, run } = useTask();
  const [name, setName] = useState(guard.deviceDefault);
  const [made, setMade] = useState<Made | null>(null);
  const [said, say] = useState("");
  if (made !== null) {
    const back = (): void => setMade(null);
    const what = { type: "second_device", ...made };
    const body = { type: "second_device", device_id: made.device_id };
    return <Sign what={what} body={body} done={guard.deviceAdded} to="/safeguards" back={back} />;
  }
  const add = (): void => {
    if (!of.identified) return wish.identifyFirst({}, "/safeguards/device");
    run(() => makeSecondDevice(name.trim() || guard.deviceDefault), setMade);
  };
  const remove = (id: string): void =>
    run(
      () => desk.mine({ method: "DELETE", path: `/v1/second-devices/${id}` }),
      () => {
        say(guard.deviceRemoved);
        reload();
        toHeading();
      },
    );
  return (
    <Screen
      name="second-devices"
      title={guard.device}
      lead={guard.deviceLead}
      back="/safeguards"
      problem={problem ?? unread}
      action={{ label: guard.deviceAdd, busy, run: add, testid: "device-add" }}
    >
      <p role="status" class={said === "" ? "hidden" : "note good"}>
        {said}
      </p>
      {value === null && unread === null && <Waiting />}
      {value !== null && value.devices.length > 0 && (
        <ul class="list" data-testid="device-list">
          {value.devices.map((one) => (
            <Line key={one.id} device={one} remove={() => remove(one.id)} />
          ))}
        </ul>
      )}
      <Field
        label={guard.deviceName}
        testid="device-name"
        value={name}
        maxLength={40}
        onInput={(event) => setName(events.value(event))}
      />
      <section class="note">
        <p>{guard.deviceHow}</p>
        <p>{guard.deviceWaits(of.rules.second_device_wait_hours)}</p>
      </section>
    </Screen>
  );
}

type LineOf = { readonly device: SecondDevice; readonly remove: () => void };

function Line({ device, remove }: LineOf) {
  const { guard, lang } = useWords();
  const { name, created_at, effective_at } = device;
  const waits = effective_at / 1_000_000 > Date.now() / 1000 + clockOffset();
  return (
    <li class="row">
      <span class="row-text">
        {name}
        <small>
          {waits
            ? guard.deviceFrom(moment.full(effective_at, lang))
            : guard.deviceSince(moment.date(created_at, lang))}
        </small>
      </span>
      <button
        type="button"
        class="button second small"
        aria-label={guard.deviceRemoveLabel(name)}
        onClick={remove}
        data-testid="device-remove"
      >
        {guard.payeeRemove}
      </button>
    </li>
  );
}
