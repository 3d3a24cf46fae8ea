import { Facts } from "../app/parts/Facts.tsx";
import { Screen } from "../app/parts/Screen.tsx";
import { useWords } from "../app/state/words.ts";
import type { Problem } from "../kit/outcome.ts";
import { moment } from "../words/moment.ts";
import type { Accepted } from "./bank.ts";
import { useRpWords } from "./useRpWords.ts";

type Of = { readonly of: Accepted | Problem; readonly again: () => void };

/** Accepted, with what was learnt; or refused, and why. */
export function Verdict({ of, again }: Of) {
  const rp = useRpWords();
  const action = { label: rp.again, run: again };
  if ("code" in of) {
    const said = rp.verdicts[of.code];
    return (
      <Screen name="rp-refused" title={rp.refusedTitle} action={action}>
        <section class="failure" data-testid="rp-refusal" data-code={of.code}>
          <p>
            <strong>{said?.what}</strong>
          </p>
          <p>{said?.todo}</p>
        </section>
      </Screen>
    );
  }
  return (
    <Screen name="rp-accepted" title={rp.acceptedTitle} lead={rp.acceptedLead} action={action}>
      <Learnt of={of} />
      <p class="note warn">{rp.test}</p>
    </Screen>
  );
}

function Learnt({ of }: { readonly of: Accepted }) {
  const { facts } = useRpWords();
  const { lang } = useWords();
  return (
    <section class="card">
      <Facts
        testid="rp-learnt"
        of={[
          [facts.name, of.real_name],
          [facts.certificate, <span class="mono">{of.common_name}</span>],
          [facts.serial, <span class="mono">{of.serial}</span>],
          [facts.at, moment.full(of.signed_at, lang)],
          [facts.receipt, <span class="mono">{of.receipt}</span>],
        ]}
      />
    </section>
  );
}
