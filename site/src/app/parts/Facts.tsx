import type { ComponentChildren } from "preact";

export type Fact = readonly [name: string, value: ComponentChildren];

/** Names and values, as a receipt has them. */
export function Facts({ of, testid }: { readonly of: readonly Fact[]; readonly testid?: string }) {
  return (
    <dl class="facts" data-testid={testid}>
      {of.map(([name, value]) => (
        <div class="fact" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
