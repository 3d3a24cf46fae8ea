import { useState } from "preact/hooks";

import { passwordRules } from "../../joint/passwordRules.ts";
import { events } from "../../kit/events.ts";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import { useJointWords } from "./useJointWords.ts";

type Of = { readonly back: () => void; readonly chosen: (password: string) => void };

const LOOK = { type: "password", autocomplete: "new-password", maxLength: 64 } as const;

/** The password of the key file, twice; each rule says by itself whether it is kept. */
export function ChoosePassword({ back, chosen }: Of) {
  const words = useWords();
  const joint = useJointWords();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const strong = passwordRules.every(({ kept }) => kept(password));
  const same = password === again;
  return (
    <Screen
      name="joint-password"
      title={joint.passwordTitle}
      lead={joint.passwordLead}
      steps={{ at: 2, names: joint.steps }}
      back={back}
      action={{
        label: words.next,
        run: () => (strong && same ? chosen(password) : setTried(true)),
      }}
    >
      <Field
        {...LOOK}
        label={joint.password}
        testid="joint-password"
        value={password}
        error={tried && !strong ? joint.passwordWeak : null}
        onInput={(event) => setPassword(events.value(event))}
      />
      <Rules password={password} />
      <Field
        {...LOOK}
        label={joint.passwordAgain}
        testid="joint-password-again"
        value={again}
        error={tried && !same ? joint.passwordDiffers : null}
        onInput={(event) => setAgain(events.value(event))}
      />
      <p class="note warn">{joint.passwordNote}</p>
    </Screen>
  );
}

function Rules({ password }: { readonly password: string }) {
  const joint = useJointWords();
  return (
    <section class="note" aria-live="polite">
      <h2>{joint.rulesTitle}</h2>
      <ul class="tasks" data-testid="joint-rules">
        {passwordRules.map(({ name, kept }) => {
          const is = kept(password);
          return (
            <li key={name} class={is ? "done" : ""} data-rule={name}>
              <span class="tick" aria-hidden="true">
                {is && <Icon name="check" />}
              </span>
              {joint.rules[name]}
              <span class="hidden">: {is ? joint.ruleKept : joint.ruleOpen}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
