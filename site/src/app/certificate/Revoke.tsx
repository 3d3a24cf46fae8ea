import { useState } from "preact/hooks";

import { act } from "../act.ts";
import { Choices } from "../parts/Choices.tsx";
import { DoneScreen } from "../parts/DoneScreen.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import { askCertificate } from "./askCertificate.ts";
import { forgetCertificate } from "./forgetCertificate.ts";

const REASONS = ["unused", "phone_changed", "phone_lost", "suspicious", "other"] as const;
type Reason = (typeof REASONS)[number];

/** Revoking: why, then the PIN, then the result. The session ends with the certificate. */
export function Revoke() {
  const words = useWords();
  const { value, problem } = useLoad(askCertificate);
  const [reason, give] = useState<Reason | null>(null);
  if (reason !== null) return <Sign reason={reason} back={() => give(null)} />;
  if (value !== null && value.state !== "REVOKED") return <Why give={give} />;
  return (
    <Screen
      name="revoke-none"
      title={value === null ? words.cert.revoke : words.cert.noneTitle}
      back="/menu"
      problem={problem}
    >
      {value === null && problem === null && <Waiting />}
    </Screen>
  );
}

function Why({ give }: { readonly give: (reason: Reason) => void }) {
  const words = useWords();
  const { cert } = words;
  const [chosen, choose] = useState<Reason | null>(null);
  const [tried, setTried] = useState(false);
  return (
    <Screen
      name="revoke-reason"
      title={cert.revokeTitle}
      lead={cert.revokeLead}
      back="/certificate"
      action={{
        label: words.cert.revoke,
        danger: true,
        run: () => (chosen === null ? setTried(true) : give(chosen)),
      }}
    >
      <Choices
        legend={cert.revokeTitle}
        name="reason"
        value={chosen}
        onChange={choose}
        error={tried && chosen === null ? cert.reasonMissing : null}
        of={REASONS.map((value) => ({ value, label: cert.reasons[value] ?? value }))}
      />
    </Screen>
  );
}

function Sign({ reason, back }: { readonly reason: Reason; readonly back: () => void }) {
  const { cert } = useWords();
  const { busy, problem, run } = useTask();
  const revoke = (pin: string): void =>
    run(
      () => act({ type: "revoke", reason }, pin),
      () => void forgetCertificate(),
    );
  return (
    <Screen name="revoke-pin" title={cert.revokePin} back={back} problem={problem}>
      {busy ? <Waiting /> : <Keypad length={6} onDone={revoke} />}
    </Screen>
  );
}

/** Shown without a session: there is none any more. */
export function Revoked() {
  const { cert } = useWords();
  return <DoneScreen name="revoked" title={cert.revokedTitle} lead={cert.revokedLead} to="/" />;
}
