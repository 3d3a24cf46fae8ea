import { useState } from "preact/hooks";

import { inspect, type Inspected } from "../../joint/inspect.ts";
import type { ZipFile } from "../../joint/zip.ts";
import { done } from "../../kit/done.ts";
import { events } from "../../kit/events.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Field } from "../parts/Field.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { clockOffset } from "../state/bank.ts";
import { useWords } from "../state/words.ts";
import { askAuthority } from "./askAuthority.ts";
import { ChooseFiles } from "./ChooseFiles.tsx";
import { useJointWords } from "./useJointWords.ts";

/** Everything that is wrong with a folder; password, number and key stay in this browser. */
export function Check() {
  const joint = useJointWords();
  const [files, choose] = useState<readonly ZipFile[] | null>(null);
  const [password, setPassword] = useState("");
  const [number, setNumber] = useState("");
  const [tried, setTried] = useState(false);
  const [found, find] = useState<Inspected | null>(null);
  const task = useTask();
  const wrongNumber = ![0, 10, 13].includes(number.length);
  const run = (): void => {
    setTried(true);
    find(null);
    if (files === null || wrongNumber) return;
    const now = Math.round((Date.now() / 1000 + clockOffset()) * 1_000_000);
    task.run(async () => {
      const authority = await askAuthority();
      return done(await inspect({ files, password, number, now, authority }));
    }, find);
  };
  return (
    <Screen
      name="joint-check"
      title={joint.checkTitle}
      lead={joint.checkLead}
      back="/menu"
      problem={task.problem}
      action={{ label: joint.checkRun, busy: task.busy, run }}
    >
      <p class="note good">{joint.checkLocal}</p>
      <ChooseFiles
        task={task}
        files={files}
        chosen={(chosen) => {
          find(null);
          choose(chosen);
        }}
        missing={tried && files === null}
      />
      <Field
        label={joint.password}
        type="password"
        autocomplete="off"
        testid="joint-password"
        value={password}
        maxLength={64}
        onInput={(event) => setPassword(events.value(event))}
      />
      <Field
        label={joint.number}
        hint={joint.numberHint}
        type="password"
        inputMode="numeric"
        autocomplete="off"
        testid="joint-number"
        value={number}
        error={tried && wrongNumber ? joint.numberWrong : null}
        onInput={(event) => setNumber(events.digits(event, 13))}
      />
      {task.busy && <Waiting label={joint.checking} />}
      <div role="status">{found !== null && <Result of={found} />}</div>
    </Screen>
  );
}

function Result({ of: { certificate, findings } }: { readonly of: Inspected }) {
  const joint = useJointWords();
  const { lang } = useWords();
  const good = findings.length === 0;
  return (
    <section class={`note ${good ? "good" : "warn"}`} data-testid="joint-result">
      <h2>{good ? joint.checkGood : joint.checkBad(findings.length)}</h2>
      <ul class="hints">
        {findings.map((finding) => (
          <li key={finding} data-finding={finding}>
            {joint.findings[finding]}
          </li>
        ))}
      </ul>
      {certificate !== null && (
        <>
          <h3>{joint.found}</h3>
          <Facts
            of={[
              [joint.facts.name, <span class="mono">{certificate.commonName}</span>],
              [joint.issuer, certificate.issuerName],
              [joint.facts.to, moment.full(certificate.notAfter, lang)],
              [joint.notice, certificate.notice],
            ]}
          />
        </>
      )}
    </section>
  );
}
