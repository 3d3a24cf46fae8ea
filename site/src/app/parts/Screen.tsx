import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Problem } from "../../kit/outcome.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { Failure } from "./Failure.tsx";
import { Icon } from "./Icon.tsx";
import { Steps, type StepsOf } from "./Steps.tsx";

/** The one thing the screen asks for, done by the button at the bottom. */
export type Action = {
  readonly label: string;
  readonly run: () => void;
  readonly busy?: boolean;
  readonly danger?: boolean;
  readonly testid?: string;
};

type Of = {
  /** Stable name, for tests and for the style sheet. */
  readonly name: string;
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly steps?: StepsOf;
  /** Where "back" leads when there is no screen before; absent: no back button. */
  readonly back?: string | (() => void);
  readonly problem?: Problem | null;
  readonly action?: Action;
  /** Further buttons under the first. */
  readonly foot?: ComponentChildren;
  readonly wide?: boolean;
  readonly children?: ComponentChildren;
};

/** Back, steps, heading, content, and the button at the bottom. Focus goes to the heading. */
export function Screen(of: Of) {
  const { name, action, wide = false } = of;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [name]);
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }): void => {
    const form = event.currentTarget;
    event.preventDefault();
    if (action === undefined || action.busy === true) return;
    action.run();
    requestAnimationFrame(() => firstWrong(form)?.focus());
  };
  const inner = <Inside {...of} heading={heading} />;
  const frame = `screen${wide ? " wide" : " screen-form"}`;
  return (
    <main id="main" class={frame} data-screen={name}>
      {action === undefined ? (
        inner
      ) : (
        <form noValidate class="screen-inside" autocomplete="off" onSubmit={submit}>
          {inner}
        </form>
      )}
    </main>
  );
}

/** What the customer has to mend: a field marked invalid, or the first choice of a group. */
function firstWrong(form: HTMLFormElement): HTMLElement | null {
  return form.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input');
}

function Inside(of: Of & { readonly heading: { current: HTMLHeadingElement | null } }) {
  const { back, steps, title, lead, problem, children, action, foot } = of;
  return (
    <>
      {back !== undefined && <Back to={back} />}
      {steps !== undefined && <Steps {...steps} />}
      <header class="screen-head">
        <h1 ref={of.heading} tabIndex={-1}>
          {title}
        </h1>
        {lead !== undefined && <p>{lead}</p>}
      </header>
      <div class="screen-body">
        <Failure problem={problem ?? null} />
        {children}
      </div>
      {(action !== undefined || foot !== undefined) && (
        <div class="foot">
          {action !== undefined && <Main {...action} />}
          {foot}
        </div>
      )}
    </>
  );
}

function Back({ to }: { readonly to: string | (() => void) }) {
  const words = useWords();
  const go = (): void => (typeof to === "string" ? route.back(to) : to());
  return (
    <button type="button" class="back" onClick={go} data-testid="back">
      <Icon name="back" />
      {words.back}
    </button>
  );
}

function Main({ label, busy = false, danger = false, testid = "next" }: Action) {
  return (
    <button
      type="submit"
      class={`button${danger ? " danger" : ""}`}
      aria-disabled={busy}
      data-testid={testid}
    >
      {label}
    </button>
  );
}
