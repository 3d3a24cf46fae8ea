/** A receiver; `down`: put down. */
export function PhoneIcon({ down = false }: { readonly down?: boolean }) {
  return (
    <svg class={down ? "down" : ""} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d="M6.500 3.500h3l1.500 4-2 1.500a11 11 0 0 0 6 6l1.500-2 4 1.500v3a2 2 0 0 1-2 2A15 15 0 0 1 4.500 5.500a2 2 0 0 1 2-2z"
        fill="none"
        stroke="currentColor"
        stroke-width="1.800"
        stroke-linejoin="round"
      />
    </svg>
  );
}
