import { desk } from "../state/desk.ts";
import { route } from "../state/route.ts";
import { session } from "../state/session.ts";

/** After each login, behind the screen: does the bank's log continue what this phone saw? */
export async function watchLog(): Promise<void> {
  const { meetLog } = await import("../../phone/meetLog.ts");
  const ask = (path: string) => desk.open<unknown>({ method: "GET", path });
  if ((await meetLog(desk.phone.store, ask)) === "rewritten") stopAll();
}

/** The history was rewritten: no session any more, and the screen that says so. */
export function stopAll(): void {
  route.replace("/rewritten");
  session.close();
}
