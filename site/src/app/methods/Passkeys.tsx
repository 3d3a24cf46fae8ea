import { useState } from "preact/hooks";

import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { askCertificate } from "../certificate/askCertificate.ts";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import type { Passkey } from "../wire.ts";
import { toHeading } from "../parts/toHeading.ts";
import { addPasskey } from "./addPasskey.ts";

/** Passkeys: those there are, one more, one less. */
export function Passkeys() {
  const words = useWords();
  const { method } = words;
  const { value, problem: unread, reload } = useLoad(askCertificate);
  const { busy, problem, run } = useTask();
  const [name, setName] = useState(method.passkeyDefault);
  const [said, say] = useState("");
  const changed = (what: string) => (): void => {
    say(what);
    reload();
    toHeading();
  };
  const add = (): void =>
    run(() => addPasskey(name.trim() || method.passkeyDefault), changed(method.passkeyAdded));
  const remove = (id: string): void =>
    run(
      () => desk.mine({ method: "DELETE", path: `/v1/passkeys/${id}` }),
      changed(method.passkeyRemoved),
    );
  return (
    <Screen
      name="passkeys"
      title={method.passkeysTitle}
      lead={method.passkeysLead}
      back="/certificate"
      problem={problem ?? unread}
      action={{ label: method.passkeyAdd, busy, run: add, testid: "passkey-add" }}
    >
      <p role="status" class={said === "" ? "hidden" : "note good"}>
        {said}
      </p>
      {value === null && unread === null && <Waiting />}
      {value?.passkeys.length === 0 && <p class="note">{method.passkeyNone}</p>}
      {value !== null && value.passkeys.length > 0 && (
        <ul class="list" data-testid="passkey-list">
          {value.passkeys.map((one) => (
            <Line key={one.id} passkey={one} remove={() => remove(one.id)} />
          ))}
        </ul>
      )}
      <Field
        label={method.passkeyName}
        hint={method.passkeyNameHint}
        testid="passkey-name"
        value={name}
        maxLength={40}
        onInput={(event) => setName(events.value(event))}
      />
    </Screen>
  );
}

function Line({ passkey, remove }: { readonly passkey: Passkey; readonly remove: () => void }) {
  const words = useWords();
  const { method } = words;
  const { name, created_at, last_used_at } = passkey;
  return (
    <li class="row">
      <span class="row-text">
        {name}
        <small>{method.added(moment.date(created_at, words.lang))}</small>
        {last_used_at !== null && (
          <small>{method.used(moment.full(last_used_at, words.lang))}</small>
        )}
      </span>
      <button
        type="button"
        class="button second small"
        aria-label={method.passkeyRemove(name)}
        onClick={remove}
        data-testid="passkey-remove"
      >
        {method.passkeyRemoveShort}
      </button>
    </li>
  );
}
