import { useEffect } from "preact/hooks";

import { Facts } from "../parts/Facts.tsx";
import { Screen } from "../parts/Screen.tsx";
import { Seal } from "../parts/Seal.tsx";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { session } from "../state/session.ts";
import { useWords } from "../state/words.ts";
import { lastIssued } from "./lastIssued.ts";

/** Issued. A passkey can be added now, after a login, or any time later. */
export function IssuedScreen() {
  const words = useWords();
  const { enrol } = words;
  const issued = useCell(lastIssued);
  useEffect(() => {
    if (issued === null) route.replace("/");
    // The session of a certificate that a reissue has just revoked is over.
    session.close();
  }, []);
  const first = (wanted: string) => (): void => {
    session.want(wanted);
    route.go("/login/pin");
  };
  return (
    <Screen
      name="issued"
      title={enrol.doneTitle}
      lead={enrol.doneLead}
      action={{ label: enrol.addNow, run: first("/methods/passkeys"), testid: "add-passkey" }}
      foot={
        <>
          <button
            type="button"
            class="button second"
            onClick={first("/opening")}
            data-testid="open-account"
          >
            {words.opening.openLater}
          </button>
          <button
            type="button"
            class="button second"
            onClick={() => route.go("/")}
            data-testid="later"
          >
            {enrol.later}
          </button>
        </>
      }
    >
      <Seal class="stamp" />
      <section class="card">
        <Facts
          of={[
            [enrol.doneExpiry, enrol.doneNoExpiry],
            [enrol.subject, <span class="mono">{issued?.subjectId}</span>],
          ]}
        />
      </section>
      <p class="note">{enrol.doneUse}</p>
      <section class="note">
        <h2>{enrol.biometricTitle}</h2>
        <p>{enrol.biometricLead}</p>
      </section>
    </Screen>
  );
}
