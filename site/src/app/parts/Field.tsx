import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

type Of = {
  readonly label: ComponentChildren;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  readonly testid: string;
  readonly look?: string;
  readonly value: string;
  readonly type?: "text" | "password" | "tel" | "date";
  readonly inputMode?: "numeric" | "tel";
  readonly autocomplete?: string;
  readonly autocapitalize?: "none";
  readonly spellcheck?: boolean;
  readonly maxLength?: number;
  readonly onInput: (event: InputEvent & { currentTarget: HTMLInputElement }) => void;
};

/** One labelled input, with its hint and its error tied to it. */
export function Field({ label, hint, error, testid, look = "", type = "text", ...input }: Of) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <input
        {...input}
        // Preact's types want one literal; every value of ours is an input that takes text.
        type={type as "text"}
        id={id}
        class={`input ${look}`}
        aria-invalid={Boolean(error)}
        aria-describedby={described === "" ? undefined : described}
        data-testid={testid}
      />
      {error && (
        <span class="field-error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
