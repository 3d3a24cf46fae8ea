import { useEffect, useRef } from "preact/hooks";

import { useHandsetWords } from "./useHandsetWords.ts";

type Of = { readonly heard: string; readonly close: () => void };

/** How a call ended. */
export function CallResult({ heard, close }: Of) {
  const words = useHandsetWords();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const told = words.results[heard] ?? words.results["over"];
  return (
    <section class="call result" data-testid="call-result" data-heard={heard}>
      <div class="call-head" role="status">
        <h2>{told?.title}</h2>
        <p>{told?.text}</p>
      </div>
      <button ref={first} type="button" class="plain" onClick={close} data-testid="close-call">
        {words.close}
      </button>
    </section>
  );
}
