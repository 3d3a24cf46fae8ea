import { Icon } from "../parts/Icon.tsx";

/** What one should know beforehand, line by line. */
export function Lines({ of }: { readonly of: readonly string[] }) {
  return (
    <section class="card">
      <ul class="tasks">
        {of.map((line) => (
          <li key={line}>
            <span class="tick" aria-hidden="true">
              <Icon name="check" />
            </span>
            {line}
          </li>
        ))}
      </ul>
    </section>
  );
}
