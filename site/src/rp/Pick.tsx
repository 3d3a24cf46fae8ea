import { useMemo, useState } from "preact/hooks";

import { ChooseFiles } from "../app/joint/ChooseFiles.tsx";
import { Choices } from "../app/parts/Choices.tsx";
import { useTask } from "../app/parts/useTask.ts";
import { useWords } from "../app/state/words.ts";
import type { ZipFile } from "../joint/zip.ts";
import { moment } from "../words/moment.ts";
import { candidates, type Candidate } from "./candidates.ts";
import { useRpWords } from "./useRpWords.ts";

type Of = {
  readonly here: readonly Candidate[];
  readonly policies: readonly string[];
  readonly chosen: Candidate | null;
  readonly choose: (candidate: Candidate) => void;
  readonly missing: boolean;
};

/** The certificates that this relying party accepts: those here, and those of a file. */
export function Pick({ here, policies, chosen, choose, missing }: Of) {
  const rp = useRpWords();
  const { lang } = useWords();
  const [files, setFiles] = useState<readonly ZipFile[] | null>(null);
  const task = useTask();
  const loaded = useMemo(
    () => (files === null ? [] : candidates.in(files, policies)),
    [files, policies],
  );
  const all = [...here, ...loaded];
  const named = (one: Candidate): string => String(all.indexOf(one));
  return (
    <section class="cards">
      <h2>{rp.certificateTitle}</h2>
      {here.length === 0 && files === null && <p class="note">{rp.none}</p>}
      {files !== null && loaded.length === 0 && <p class="note warn">{rp.noneInFiles}</p>}
      {all.length > 0 && (
        <Choices
          legend={rp.certificateTitle}
          name="certificate"
          value={chosen === null ? null : named(chosen)}
          onChange={(value) => {
            const one = all[Number(value)];
            if (one !== undefined) choose(one);
          }}
          error={missing ? rp.certificateMissing : null}
          of={all.map((one) => ({
            value: named(one),
            label: one.certificate.commonName,
            hint: `${one.certificate.issuerName} · ${rp.until(moment.date(one.certificate.notAfter, lang))}`,
          }))}
        />
      )}
      <details class="note" data-testid="rp-load">
        <summary>{rp.load}</summary>
        <ChooseFiles task={task} files={files} chosen={setFiles} />
      </details>
    </section>
  );
}
