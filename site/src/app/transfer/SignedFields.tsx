import { useWords } from "../state/words.ts";
import type { Fields } from "../wire.ts";

/** Every member of the signed message, as it is signed. */
export function SignedFields({
  fields,
  title,
}: {
  readonly fields: Fields;
  readonly title: string;
}) {
  const { send } = useWords();
  return (
    <details class="note" data-testid="signed-fields">
      <summary>{title}</summary>
      <dl class="facts">
        {Object.entries(fields).map(([name, value]) => (
          <div class="fact" key={name}>
            <dt>{send.fields[name] ?? name}</dt>
            <dd class="mono">{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
