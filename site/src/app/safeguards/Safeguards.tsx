import { moment } from "../../words/moment.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import type { Route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Safeguards as Chosen, Setting } from "../wire.ts";
import { askSafeguards } from "./askSafeguards.ts";
import { Delay } from "./Delay.tsx";
import { Designated } from "./Designated.tsx";
import { Devices } from "./Devices.tsx";
import { Payees } from "./Payees.tsx";
import { Switch } from "./Switch.tsx";

/** What a customer puts between a signature and the money. */
export function Safeguards({ at }: { readonly at: Route }) {
  const words = useWords();
  const { guard } = words;
  const { value, problem } = useLoad(askSafeguards, at.join("/"));
  if (value === null || at[1] === undefined) {
    return (
      <Screen name="safeguards" title={guard.title} lead={guard.lead} back="/" problem={problem}>
        {value === null && problem === null && <Waiting />}
        {value !== null && <Overview of={value} />}
      </Screen>
    );
  }
  const { rules } = value;
  if (at[1] === "device") return <Devices of={value} />;
  if (at[1] === "delay") return <Delay of={value} />;
  if (at[1] === "payees") return <Payees adding={at[2] === "add"} />;
  if (at[1] === "designated") return <Designated of={value} />;
  if (at[1] === "undo") {
    return (
      <Switch
        name="undo"
        of={value}
        at="/safeguards/undo"
        title={guard.undo}
        lead={guard.undoLead(rules.undo_seconds)}
        hint={guard.waits(0)}
      />
    );
  }
  return (
    <Switch
      name="sms_hold"
      of={value}
      at="/safeguards/sms"
      title={guard.sms}
      lead={guard.smsLead(rules.sms_hold_minutes)}
      hint=""
    />
  );
}

function Overview({ of }: { readonly of: Chosen }) {
  const { guard } = useWords();
  const delayed = (hours: number): string => (hours === 0 ? guard.delayNone : guard.delayIs(hours));
  const onOff = (value: number): string => (value === 1 ? guard.on : guard.off);
  return (
    <ul class="list" data-testid="safeguards">
      <Row to="delay" title={guard.delay} setting={of.delay_hours} says={delayed} />
      <Row to="undo" title={guard.undo} setting={of.undo} says={onOff} />
      <Row to="designated" title={guard.designated} setting={of.designated_only} says={onOff} />
      <Row to="sms" title={guard.sms} setting={of.sms_hold} says={onOff} />
      <li>
        <Link to="/safeguards/device" class="row" testid="safeguard-device">
          <span class="row-text">{guard.device}</span>
          <Icon name="next" class="chevron" />
        </Link>
      </li>
    </ul>
  );
}

type RowOf = {
  readonly to: string;
  readonly title: string;
  readonly setting: Setting;
  readonly says: (value: number) => string;
};

function Row({ to, title, setting, says }: RowOf) {
  const { guard, lang } = useWords();
  const { value, later, later_at } = setting;
  const tag = value > 0 ? guard.on : guard.off;
  return (
    <li>
      <Link to={`/safeguards/${to}`} class="row" testid={`safeguard-${to}`}>
        <span class="row-text">
          {title}
          {says(value) !== tag && <small>{says(value)}</small>}
          {later !== null && later_at !== null && (
            <small>{guard.later(says(later), moment.full(later_at, lang))}</small>
          )}
        </span>
        <span class={`tag ${value > 0 ? "good" : ""}`}>{tag}</span>
        <Icon name="next" class="chevron" />
      </Link>
    </li>
  );
}
