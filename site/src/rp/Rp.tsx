import { useEffect, useState } from "preact/hooks";

import { useCell } from "../app/state/cell.ts";
import { settings } from "../app/state/settings.ts";
import { useWords } from "../app/state/words.ts";
import type { Problem } from "../kit/outcome.ts";
import type { Accepted, Challenge } from "./bank.ts";
import { Services } from "./Services.tsx";
import { Sign } from "./Sign.tsx";
import { useRpWords } from "./useRpWords.ts";
import { Verdict } from "./Verdict.tsx";

type Step =
  | { readonly at: "services" }
  | { readonly at: "sign"; readonly challenge: Challenge }
  | { readonly at: "verdict"; readonly outcome: Accepted | Problem };

/** A relying party: what it wants signed, the signature, its verdict. */
export function Rp() {
  const { skip } = useWords();
  const rp = useRpWords();
  const [step, go] = useState<Step>({ at: "services" });
  useEffect(() => {
    document.title = rp.title;
  }, [rp]);
  const restart = (): void => go({ at: "services" });
  return (
    <div class="house rp">
      <a class="skip" href="#main">
        {skip}
      </a>
      <Bar />
      {step.at === "services" && <Services asked={(challenge) => go({ at: "sign", challenge })} />}
      {step.at === "sign" && (
        <Sign
          challenge={step.challenge}
          back={restart}
          judged={(outcome) => go({ at: "verdict", outcome })}
        />
      )}
      {step.at === "verdict" && <Verdict of={step.outcome} again={restart} />}
    </div>
  );
}

function Bar() {
  const rp = useRpWords();
  const { locale } = useCell(settings.cell);
  const other = locale === "ko" ? "en" : "ko";
  return (
    <header class="bar">
      <div class="bar-inner">
        <span class="brand">{rp.name}</span>
        <button
          type="button"
          class="bar-button"
          lang={other}
          onClick={() => settings.change({ locale: other })}
          data-testid="language"
        >
          {rp.otherLanguage}
        </button>
      </div>
    </header>
  );
}
