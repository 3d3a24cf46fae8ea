import { useState } from "preact/hooks";

import type { Outcome } from "../../kit/outcome.ts";
import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { desk } from "../state/desk.ts";
import { Confirm } from "./Confirm.tsx";
import { JointDone } from "./JointDone.tsx";
import type { Sent } from "./shownOf.ts";
import { signRequest } from "./signRequest.ts";
import { useJointWords } from "./useJointWords.ts";
import type { JointCertificate, JointRequest } from "./wire.ts";

const REASONS = ["unused", "key_compromised", "other"] as const;
type Reason = (typeof REASONS)[number];

type Asked = { readonly request: JointRequest; readonly sent: Sent };

/** Revoking: why, what is signed, the PIN. It is done with the signature. */
export function Revoke({ of }: { readonly of: JointCertificate }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [over, setOver] = useState(false);
  if (over) return <JointDone op="revoke" />;
  if (asked === null) return <Why of={of} asked={setAsked} />;
  return (
    <Confirm
      {...asked}
      back={() => setAsked(null)}
      sign={(pin) => signRequest(asked.request, asked.sent, pin)}
      signed={() => setOver(true)}
    />
  );
}

type WhyOf = { readonly of: JointCertificate; readonly asked: (asked: Asked) => void };

function Why({ of, asked }: WhyOf) {
  const joint = useJointWords();
  const [chosen, choose] = useState<Reason | null>(null);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const ask = (reason: Reason): void =>
    run(
      () => askRevocation(of.id, reason),
      (request) => {
        const sent = { op: "revoke", spki_sha256: "", sealed_r_sha256: "", reason } as const;
        asked({ request, sent });
      },
    );
  return (
    <Screen
      name="joint-reason"
      title={joint.reasonTitle}
      lead={joint.reasonLead}
      back={`/joint/${of.id}`}
      problem={problem}
      action={{
        label: joint.revoke,
        danger: true,
        busy,
        run: () => (chosen === null ? setTried(true) : ask(chosen)),
      }}
    >
      <Choices
        legend={joint.reasonTitle}
        name="reason"
        value={chosen}
        onChange={choose}
        error={tried && chosen === null ? joint.reasonMissing : null}
        of={REASONS.map((value) => ({ value, label: joint.reasons[value] ?? value }))}
      />
    </Screen>
  );
}

function askRevocation(certificateId: string, reason: Reason): Promise<Outcome<JointRequest>> {
  const body = { op: "revoke", certificate_id: certificateId, reason };
  return desk.mine({ method: "POST", path: "/v1/joint/requests", body });
}
