import { moment } from "../../words/moment.ts";
import { Facts, type Fact } from "../parts/Facts.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import { nameIn } from "./nameIn.ts";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { JointCertificate } from "./wire.ts";

type Of = { readonly of: JointCertificate; readonly here: boolean };

/** One certificate, and what can be done with it now. */
export function One({ of, here }: Of) {
  const joint = useJointWords();
  const { lang } = useWords();
  const active = of.state === "active";
  const { facts } = joint;
  const told: readonly Fact[] = [
    [
      facts.state,
      <span class={`tag ${active ? "good" : "bad"}`}>{joint.states[of.state] ?? of.state}</span>,
    ],
    [facts.name, <span class="mono">{of.common_name}</span>],
    [facts.from, moment.full(of.not_before, lang)],
    [facts.to, moment.full(of.not_after, lang)],
    [facts.serial, <span class="mono">{of.serial}</span>],
    [facts.policy, <span class="mono">{of.policy}</span>],
    [facts.place, <span class="mono">{of.folder}</span>],
    ...(of.reason === null ? [] : [[facts.reason, joint.reasons[of.reason] ?? of.reason] as const]),
    ...(active ? [[facts.key, here ? joint.keyHere : joint.keyElsewhere] as const] : []),
  ];
  return (
    <Screen name="joint-one" title={joint.one(nameIn(of.common_name))} back="/joint">
      <section class="card">
        <Facts testid="joint-facts" of={told} />
      </section>
      {active && (
        <p class="note" data-testid="joint-renewal">
          {of.may_renew ? joint.renewNow : joint.renewFrom(moment.date(of.renewable_from, lang))}
        </p>
      )}
      {active && <Ways of={of} here={here} />}
      <TestNote />
    </Screen>
  );
}

/** Renewing is offered only while it is possible, exporting only where the key is. */
function Ways({ of, here }: Of) {
  const joint = useJointWords();
  const ways: readonly (readonly [string, string])[] = [
    ...(of.may_renew ? ([["renew", joint.renew]] as const) : []),
    ...(here ? ([["export", joint.take]] as const) : []),
    ["reissue", joint.reissue],
    ["revoke", joint.revoke],
  ];
  return (
    <ul class="list">
      {ways.map(([what, label]) => (
        <li key={what}>
          <Link to={`/joint/${of.id}/${what}`} class="row" testid={`joint-${what}`}>
            {label}
            <Icon name="next" class="chevron" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
