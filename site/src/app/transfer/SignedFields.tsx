import { moment } from "../../words/moment.ts";
import { useWords } from "../state/words.ts";
import type { Fields } from "../wire.ts";

/** Instants in microseconds, read out in their names: what is signed stands as it is. */
const TIMES: ReadonlySet<string> = new Set(["issued_at", "expires_at"]);

/** Every member of the signed message, as it is signed. */
export function SignedFields({
  fields,
  title,
}: {
  readonly fields: Fields;
  readonly title: string;
}) {
  const { send, lang } = useWords();
  return (
    <details class="note" data-testid="signed-fields">
      <summary>{title}</summary>
      <dl class="facts">
        {Object.entries(fields).map(([name, value]) => (
          <div class="fact" key={name}>
            <dt>
              {send.fields[name] ?? name}
              {TIMES.has(name) && typeof value === "number" && ` (${moment.full(value, lang)})`}
            </dt>
            <dd class="mono">{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
