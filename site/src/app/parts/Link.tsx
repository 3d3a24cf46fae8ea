import type { ComponentChildren } from "preact";

import { route } from "../state/route.ts";

type Of = {
  readonly to: string;
  readonly class?: string;
  readonly testid?: string;
  readonly children: ComponentChildren;
};

/** A real link; a plain click stays inside the app. */
export function Link({ to, class: className, testid, children }: Of) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    route.go(to);
  };
  return (
    <a href={to} class={className} onClick={follow} data-testid={testid}>
      {children}
    </a>
  );
}
