import { b64u } from "../../crypto/b64u.ts";
import type { TreeHead } from "../../crypto/treeHead.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import { askIssues, type Issue } from "./askIssues.ts";

/** Every certificate ever issued in this customer's name, newest first, proved on this phone. */
export function EverIssued() {
  const { log, menus } = useWords();
  const { value, problem } = useLoad(askIssues);
  return (
    <Screen
      name="certificate-log"
      title={log.title}
      lead={log.lead}
      back="/certificate"
      wide
      problem={problem}
    >
      {value === null && problem === null && <Waiting />}
      {value !== null && (
        <>
          <ol class="cards plain" data-testid="ever-issued">
            {value.found.toReversed().map((one) => (
              <li key={one.index}>
                <One of={one} />
              </li>
            ))}
          </ol>
          <div class="note">
            <p>
              <strong>{log.unknownTitle}</strong>
            </p>
            <p>{log.unknownLead}</p>
            <Link to="/loss" class="button second">
              {menus.loss}
            </Link>
          </div>
          <Record of={value.head} />
        </>
      )}
    </Screen>
  );
}

function One({ of }: { readonly of: Issue }) {
  const words = useWords();
  const { log } = words;
  return (
    <section class="card" data-index={of.index} data-here={of.here}>
      <h2>
        {log.kinds[of.kind] ?? of.kind}{" "}
        <span class={`tag ${of.state === "ACTIVE" ? "good" : "bad"}`}>
          {words.states[of.state] ?? of.state}
        </span>{" "}
        {of.here && <span class="tag">{log.here}</span>}
      </h2>
      <Facts
        of={[
          [log.at, moment.full(of.at, words.lang)],
          [log.place, log.placeOf(of.index)],
          [log.auth, <span class="mono">{of.serials.auth}</span>],
          [log.sign, <span class="mono">{of.serials.sign}</span>],
        ]}
      />
    </section>
  );
}

/** What the proofs lead to. */
function Record({ of }: { readonly of: TreeHead }) {
  const words = useWords();
  const { log } = words;
  return (
    <section class="card">
      <h2>{log.recordTitle}</h2>
      <Facts
        testid="log-head"
        of={[
          [log.size, log.sizeOf(of.size)],
          [log.signedAt, moment.full(of.at, words.lang)],
          [log.root, <span class="mono">{b64u.encode(of.root)}</span>],
        ]}
      />
    </section>
  );
}
