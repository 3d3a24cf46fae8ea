import { useState } from "preact/hooks";

import { Failure } from "../parts/Failure.tsx";
import { save } from "../parts/save.ts";
import { useTask } from "../parts/useTask.ts";
import { useWords } from "../state/words.ts";
import { receiptFile } from "./receiptFile.ts";

/** The receipt to keep: a signed PDF to show, and the evidence that anybody can verify. */
export function ReceiptFiles({ id }: { readonly id: string }) {
  const { send, lang, search } = useWords();
  const { busy, problem, run } = useTask();
  const [saved, setSaved] = useState(false);
  const path = `/v1/transfers/${id}/receipt`;
  const keep = (from: string, name: string, type: string): void => {
    setSaved(false);
    run(
      () => receiptFile(from),
      (file) => {
        save(name, type, file);
        setSaved(true);
      },
    );
  };
  return (
    <section class="card" data-testid="receipt-files" aria-busy={busy}>
      <h2>{send.files}</h2>
      <p>{send.filesLead}</p>
      <button
        type="button"
        class="button second"
        aria-disabled={busy}
        onClick={() => keep(`${path}.pdf?locale=${lang}`, `dojang-${id}.pdf`, "application/pdf")}
        data-testid="save-pdf"
      >
        {send.savePdf}
      </button>
      <button
        type="button"
        class="button second"
        aria-disabled={busy}
        onClick={() => keep(path, `dojang-${id}.json`, "application/json")}
        data-testid="save-evidence"
      >
        {send.saveEvidence}
      </button>
      <Failure problem={problem} />
      <p class={saved ? "soft" : "hidden"} role="status" data-testid="receipt-saved">
        {saved ? search.saved : ""}
      </p>
    </section>
  );
}
