const PATHS = {
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  check: "M5 12.500l4.500 4.500L19 7.500",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12h14M13 6.500l6 5.500-6 5.500",
  wallet: "M4 7h15v12H4zM4 7l11-3v3M15 13h4",
  gauge: "M4 17a8 8 0 1 1 16 0M12 17l4-6",
  alarm: "M12 4l9 16H3zM12 10v5M12 17.500v.1",
  seal: "M5 5h14v14H5zM9 9h6M9 9v3h6M12 12v4",
  camera: "M4 8h4l1.500-2.500h5L16 8h4v11H4zM12 10.500a3 3 0 1 1 0 6a3 3 0 1 1 0-6",
  list: "M8 7h12M8 12h12M8 17h12M4 7h.1M4 12h.1M4 17h.1",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing; what it means is always said in words beside it. */
export function Icon({
  name,
  class: className,
}: {
  readonly name: IconName;
  readonly class?: string;
}) {
  return (
    <svg
      class={className}
      viewBox="0 0 24 24"
      width="24"
      height="24"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.800"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
