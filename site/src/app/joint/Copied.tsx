import { useState } from "preact/hooks";

import { useJointWords } from "./useJointWords.ts";

type Of = {
  readonly name: string;
  readonly value: string;
  /** Short, and shown in fours to be read off; copied without gaps. */
  readonly quads?: boolean;
  readonly testid: string;
};

/** A value to be carried into another program; the button says aloud whether it was copied. */
export function Copied({ name, value, quads = false, testid }: Of) {
  const { copy } = useJointWords();
  const [told, tell] = useState("");
  const run = (): void => {
    navigator.clipboard.writeText(value).then(
      () => tell(copy.done(name)),
      () => tell(copy.failed),
    );
  };
  return (
    <div class={quads ? "copied" : "copied long"}>
      <div class="copied-text">
        <span class="soft">{name}</span>
        <pre class={quads ? "mono quads" : "mono"} data-testid={`copied-${testid}`}>
          {quads ? fours(value) : words(value)}
        </pre>
      </div>
      <button
        type="button"
        class="button second small"
        aria-label={copy.label(name)}
        data-testid={`copy-${testid}`}
        onClick={run}
      >
        {copy.run}
      </button>
      <p class={told === "" ? "hidden" : "soft copied-told"} role="status">
        {told}
      </p>
    </div>
  );
}

const fours = (value: string) => value.match(/.{1,4}/g)?.map((four, n) => <span key={n}>{four}</span>);

/** Each word whole, so that no option of a command is broken at its hyphen. */
const words = (value: string) =>
  value.split(/(\s+)/).map((piece, n) => (n % 2 === 0 ? <span key={n}>{piece}</span> : piece));
