import { useState } from "preact/hooks";

import { Choices } from "../app/parts/Choices.tsx";
import { Screen } from "../app/parts/Screen.tsx";
import { useTask } from "../app/parts/useTask.ts";
import { useCell } from "../app/state/cell.ts";
import { settings } from "../app/state/settings.ts";
import { bank, type Challenge, type Service } from "./bank.ts";
import { useRpWords } from "./useRpWords.ts";

const SERVICES = ["tax", "document"] as const;

/** What one may do here. */
export function Services({ asked }: { readonly asked: (challenge: Challenge) => void }) {
  const rp = useRpWords();
  const { locale } = useCell(settings.cell);
  const [service, choose] = useState<Service | null>(null);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  const start = (): void => {
    setTried(true);
    if (service !== null) run(() => bank.challenge(service, locale), asked);
  };
  return (
    <Screen
      name="rp"
      title={rp.heading}
      lead={rp.lead}
      problem={problem}
      action={{ label: rp.start, busy, run: start }}
      foot={
        <a href="/joint" class="button quiet" data-testid="to-bank">
          {rp.toBank}
        </a>
      }
    >
      <p class="note warn">{rp.test}</p>
      <Choices
        legend={rp.heading}
        name="service"
        value={service}
        onChange={choose}
        error={tried && service === null ? rp.serviceMissing : null}
        of={SERVICES.map((value) => {
          const [label, hint] = rp.services[value];
          return { value, label, hint };
        })}
      />
    </Screen>
  );
}
