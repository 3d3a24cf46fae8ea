import { useEffect, useState } from "preact/hooks";

import { Choices } from "../parts/Choices.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { GiveUp } from "./GiveUp.tsx";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

type Of = { readonly about: "purpose" | "funds"; readonly to: string; readonly back?: string };

export const Purpose = () => <Question about="purpose" to="/opening/funds" />;
export const Funds = () => (
  <Question about="funds" to="/opening/questions" back="/opening/purpose" />
);

/** One question with several answers. */
function Question({ about, to, back }: Of) {
  const words = useWords();
  const { title, lead, of } = words.opening[about];
  const steps = useSteps();
  const value = useCell(flow.draft)[about];
  const [tried, setTried] = useState(false);
  return (
    <Screen
      name={`opening-${about}`}
      title={title}
      lead={lead}
      steps={steps}
      {...(back === undefined ? {} : { back })}
      action={{
        label: words.next,
        run: () => (value === null ? setTried(true) : route.go(to)),
      }}
      foot={<GiveUp />}
    >
      <Choices
        legend={title}
        name={about}
        value={value}
        onChange={(one) => flow.fill({ [about]: one })}
        error={tried && value === null ? words.opening.answerMissing : null}
        of={Object.entries(of).map(([code, label]) => ({ value: code, label }))}
      />
    </Screen>
  );
}

/** Whether somebody asked for the account, and where taxes are paid. */
export function YesOrNo() {
  const words = useWords();
  const { opening } = words;
  const steps = useSteps();
  const { purpose, funds } = useCell(flow.draft);
  const [other, setOther] = useState<string | null>(null);
  const [abroad, setAbroad] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useTask();
  useEffect(() => {
    if (purpose === null || funds === null) route.replace("/opening/purpose");
  }, []);
  const send = (): void => {
    setTried(true);
    if (other === null || abroad === null) return;
    const body = { purpose, funds, asked_by_other: other === "yes", tax_abroad: abroad === "yes" };
    run(
      () => flow.send("purpose", body),
      (state) => route.go(placeOf(state)),
    );
  };
  const answers = [
    { value: "no", label: opening.no },
    { value: "yes", label: opening.yes },
  ];
  return (
    <Screen
      name="opening-questions"
      title={opening.questionsTitle}
      steps={steps}
      back="/opening/funds"
      problem={problem}
      action={{ label: words.next, busy, run: send }}
      foot={<GiveUp />}
    >
      <h2>{opening.askedByOther}</h2>
      <Choices
        legend={opening.askedByOther}
        name="asked"
        grid
        value={other}
        onChange={setOther}
        error={tried && other === null ? opening.answerMissing : null}
        of={answers}
      />
      <p class="note warn">{opening.askedWarning}</p>
      <h2>{opening.taxAbroad}</h2>
      <Choices
        legend={opening.taxAbroad}
        name="tax"
        grid
        value={abroad}
        onChange={setAbroad}
        error={tried && abroad === null ? opening.answerMissing : null}
        of={answers}
      />
    </Screen>
  );
}
