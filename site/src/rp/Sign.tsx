import { useEffect, useState } from "preact/hooks";

import { Field } from "../app/parts/Field.tsx";
import { Screen } from "../app/parts/Screen.tsx";
import { useTask } from "../app/parts/useTask.ts";
import { Waiting } from "../app/parts/Waiting.tsx";
import { useJointWords } from "../app/joint/useJointWords.ts";
import { b64u } from "../crypto/b64u.ts";
import { events } from "../kit/events.ts";
import type { Problem } from "../kit/outcome.ts";
import { bank, type Accepted, type Challenge } from "./bank.ts";
import { candidates, type Candidate } from "./candidates.ts";
import { Pick } from "./Pick.tsx";
import { prove } from "./prove.ts";
import { useRpWords } from "./useRpWords.ts";

type Of = {
  readonly challenge: Challenge;
  readonly back: () => void;
  readonly judged: (outcome: Accepted | Problem) => void;
};

/** What is signed, by which certificate, with its password, for which person. */
export function Sign({ challenge, back, judged }: Of) {
  const rp = useRpWords();
  const joint = useJointWords();
  const [here, setHere] = useState<readonly Candidate[]>([]);
  const [chosen, choose] = useState<Candidate | null>(null);
  const [password, setPassword] = useState("");
  const [number, setNumber] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask();
  useEffect(() => void candidates.here(challenge.policies).then(setHere), [challenge]);
  const hand = (): void => {
    setTried(true);
    if (chosen === null || password === "" || number.length !== 13) return;
    task.run(
      async () => {
        const answer = await prove(challenge, chosen, { password, number });
        return answer.ok ? bank.answer(challenge, answer.value) : answer;
      },
      judged,
      (problem) => {
        const verdict = problem.code.startsWith("rp_");
        if (verdict) judged(problem);
        return verdict;
      },
    );
  };
  return (
    <Screen
      name={`rp-${challenge.service}`}
      title={challenge.title}
      lead={rp.signLead}
      back={back}
      problem={task.problem}
      action={{ label: rp.sign, busy: task.busy, run: hand }}
    >
      <section class="cards">
        <h2>{rp.contentTitle}</h2>
        <p class="document" data-testid="rp-content">
          {new TextDecoder().decode(b64u.decode(challenge.content))}
        </p>
      </section>
      <Pick
        here={here}
        policies={challenge.policies}
        chosen={chosen}
        choose={choose}
        missing={tried && chosen === null}
      />
      <Field
        label={joint.password}
        type="password"
        autocomplete="off"
        testid="joint-password"
        value={password}
        maxLength={64}
        error={tried && password === "" ? joint.passwordMissing : null}
        onInput={(event) => setPassword(events.value(event))}
      />
      <Field
        label={rp.number}
        hint={rp.numberHint}
        type="password"
        inputMode="numeric"
        autocomplete="off"
        testid="rp-number"
        value={number}
        error={tried && number.length !== 13 ? rp.numberWrong : null}
        onInput={(event) => setNumber(events.digits(event, 13))}
      />
      {task.busy && <Waiting label={rp.signing} />}
    </Screen>
  );
}
