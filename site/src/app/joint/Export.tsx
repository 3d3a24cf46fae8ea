import { useState } from "preact/hooks";

import type { KeptKey } from "../../joint/keyring.ts";
import { events } from "../../kit/events.ts";
import { problem as refusal } from "../../kit/problem.ts";
import { Choices } from "../parts/Choices.tsx";
import { Field } from "../parts/Field.tsx";
import { save } from "../parts/save.ts";
import { Screen } from "../parts/Screen.tsx";
import { toHeading } from "../parts/toHeading.ts";
import { useTask } from "../parts/useTask.ts";
import { exportFile, type ExportForm } from "./exportFile.ts";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { JointCertificate } from "./wire.ts";

const FORMS = ["zip", "old", "p12"] as const;

type Of = { readonly of: JointCertificate; readonly held: KeptKey | null };

/** A file to take along: which kind, the warning, the password. */
export function Export({ of, held }: Of) {
  const joint = useJointWords();
  if (held !== null) return <Ask of={of} held={held} />;
  return (
    <Screen
      name="joint-export-none"
      title={joint.exportTitle}
      back={`/joint/${of.id}`}
      problem={refusal("joint_no_key_here")}
    />
  );
}

function Ask({ of, held }: Of & { readonly held: KeptKey }) {
  const joint = useJointWords();
  const [form, choose] = useState<ExportForm | null>(null);
  const [password, setPassword] = useState("");
  const [understood, understand] = useState(false);
  const [tried, setTried] = useState(false);
  const [saved, setSaved] = useState(false);
  const { busy, problem, run } = useTask();
  const take = (): void => {
    setTried(true);
    setSaved(false);
    if (form === null || password === "" || !understood) return;
    run(
      () => Promise.resolve(exportFile(held, password, form)),
      (file) => {
        save(file.name, file.type, file.content);
        setPassword("");
        setTried(false);
        setSaved(true);
        toHeading();
      },
    );
  };
  return (
    <Screen
      name="joint-export"
      title={joint.exportTitle}
      lead={joint.exportLead}
      back={`/joint/${of.id}`}
      problem={problem}
      action={{ label: joint.take, busy, run: take }}
    >
      <p role="status" class={saved ? "note good" : "hidden"} data-testid="joint-exported">
        {saved ? joint.exported : ""}
      </p>
      <Choices
        legend={joint.exportTitle}
        name="form"
        value={form}
        onChange={choose}
        error={tried && form === null ? joint.formMissing : null}
        of={FORMS.map((value) => {
          const [label = value, hint = ""] = joint.forms[value] ?? [];
          return { value, label, hint };
        })}
      />
      <section class="note warn">
        <h2>{joint.exportWarnTitle}</h2>
        <p>{joint.exportWarn}</p>
      </section>
      <Understood yes={understood} set={understand} missing={tried && !understood} />
      <Field
        label={joint.password}
        type="password"
        autocomplete="current-password"
        testid="joint-password"
        value={password}
        maxLength={64}
        error={tried && password === "" ? joint.passwordMissing : null}
        onInput={(event) => setPassword(events.value(event))}
      />
      <TestNote />
    </Screen>
  );
}

type UnderstoodOf = {
  readonly yes: boolean;
  readonly set: (yes: boolean) => void;
  readonly missing: boolean;
};

function Understood({ yes, set, missing }: UnderstoodOf) {
  const joint = useJointWords();
  return (
    <div class="field" data-invalid={missing ? "" : undefined}>
      <label class="choice">
        <input
          type="checkbox"
          checked={yes}
          data-testid="joint-understood"
          aria-describedby={missing ? "understood-error" : undefined}
          onChange={(event) => set(events.checked(event))}
        />
        <span class="choice-text">{joint.understood}</span>
      </label>
      {missing && (
        <span class="field-error" id="understood-error" role="alert">
          {joint.understoodMissing}
        </span>
      )}
    </div>
  );
}
