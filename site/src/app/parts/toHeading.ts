/** After the thing in focus went away: the screen's heading, so that no one is lost. */
export function toHeading(): void {
  document.querySelector<HTMLElement>("main h1")?.focus();
}
