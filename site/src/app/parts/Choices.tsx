import type { ComponentChildren } from "preact";

export type Choice<T extends string> = {
  readonly value: T;
  readonly label: ComponentChildren;
  readonly hint?: string;
};

type Of<T extends string> = {
  readonly legend: string;
  readonly name: string;
  readonly of: readonly Choice<T>[];
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly grid?: boolean;
  readonly error?: string | null;
};

/** One out of several: radio buttons as large as they look. */
export function Choices<T extends string>(props: Of<T>) {
  const { legend, name, of, value, onChange, grid = false, error = null } = props;
  return (
    <fieldset
      class="field"
      data-invalid={error === null ? undefined : ""}
      aria-describedby={error === null ? undefined : `${name}-error`}
    >
      <legend class="hidden">{legend}</legend>
      <div class={`choices${grid ? " grid" : ""}`}>
        {of.map((one) => (
          <label class="choice" key={one.value}>
            <input
              type="radio"
              name={name}
              checked={one.value === value}
              onChange={() => onChange(one.value)}
              data-testid={`${name}-${one.value}`}
            />
            <span class="choice-text">
              {one.label}
              {one.hint !== undefined && <small>{one.hint}</small>}
            </span>
          </label>
        ))}
      </div>
      {error !== null && (
        <span class="field-error" id={`${name}-error`} role="alert">
          {error}
        </span>
      )}
    </fieldset>
  );
}
