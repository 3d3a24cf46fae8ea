/** The mark: a square red seal with 도장 cut into it. Drawn: it needs no file and no font. */
export function Seal({ class: className }: { readonly class?: string }) {
  return (
    <svg class={className} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path
        d="M10 5 Q6 5 5.500 10 L5 53 Q5 59 11 59 L53 59 Q59 59 59 53 L58.500 11 Q58.500 5 53 5 Z"
        fill="#c2272d"
      />
      <path d="M10.500 11H53.500V53H10.500Z" fill="none" stroke="#fff" stroke-width="1.500" />
      <g fill="none" stroke="#fff" stroke-width="3.200" stroke-linecap="square">
        <path d="M17 17 H29 M17 17 V26 H29 M23 26 V32 M15.500 33 H30.500" />
        <path d="M34 17 H43 M38.500 17 L34 27 M38.500 20 L43 27 M47 15.500 V31 M47 23 H50.500" />
        <ellipse cx="32" cy="43.500" rx="8.500" ry="5.500" />
      </g>
    </svg>
  );
}
