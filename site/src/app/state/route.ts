import { cell } from "./cell.ts";

/** The address as its parts: /issue/terms is ["issue", "terms"]. */
export type Route = readonly string[];

const read = (): Route => location.pathname.split("/").filter((part) => part !== "");

const here = cell<Route>(read());
addEventListener("popstate", () => here.set(read()));

/** Real addresses by the History API; every screen has one, so that back and reload work. */
export const route = {
  cell: here,

  go(path: string): void {
    history.pushState({ inside: true }, "", path);
    here.set(read());
    scrollTo(0, 0);
  },

  /** As `go`, without a way back to the screen that is left. */
  replace(path: string): void {
    history.replaceState(history.state, "", path);
    here.set(read());
    scrollTo(0, 0);
  },

  /** To the screen before; to `otherwise` when the customer came here from outside. */
  back(otherwise: string): void {
    const state: unknown = history.state;
    if (typeof state === "object" && state !== null && "inside" in state) history.back();
    else route.replace(otherwise);
  },
};
