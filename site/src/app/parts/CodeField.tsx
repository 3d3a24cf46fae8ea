import { events } from "../../kit/events.ts";
import { useWords } from "../state/words.ts";
import { Field } from "./Field.tsx";
import type { Code } from "./useCode.ts";

type Of = { readonly code: Code; readonly hint: string };

/** The code of a message: typed, pasted or offered by the browser. */
export function CodeField({ code, hint }: Of) {
  const { who } = useWords();
  return (
    <Field
      label={who.codeLabel}
      testid="sms-code"
      look="code"
      inputMode="numeric"
      autocomplete="one-time-code"
      value={code.text}
      hint={hint}
      error={code.short ? who.codeMissing(code.digits) : null}
      onInput={(event) => {
        const typed = events.digits(event, code.digits);
        code.type(typed);
        event.currentTarget.value = typed;
      }}
    />
  );
}
