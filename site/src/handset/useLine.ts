import { useEffect, useState } from "preact/hooks";

import { bank, type Call, type Deposit, type Message } from "./bank.ts";

/** What has reached the phone. Null messages: nothing was asked yet. */
export type Line = {
  readonly messages: readonly Message[] | null;
  /** What came in at the person's other banks. */
  readonly deposits: readonly Deposit[];
  /** The call that rings or is being answered. */
  readonly call: Call | null;
  readonly offline: boolean;
};

const QUIET: Line = { messages: null, deposits: [], call: null, offline: false };
const EVERY_MS = 1_000;

/** Asks the bank each second what has reached the number. */
export function useLine(phone: string | null): Line {
  const [line, setLine] = useState(QUIET);
  useEffect(() => {
    setLine(QUIET);
    if (phone === null) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let wanted = true;
    const ask = async (): Promise<void> => {
      const [messages, calls, deposits] = await Promise.all([
        bank.messages(phone),
        bank.calls(phone),
        bank.deposits(phone),
      ]);
      if (!wanted) return;
      setLine((before) => ({
        messages: messages ?? before.messages,
        deposits: deposits ?? before.deposits,
        call: calls === null ? before.call : (calls.find(({ state }) => state !== "over") ?? null),
        offline: messages === null || calls === null,
      }));
      timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      wanted = false;
      if (timer !== null) clearTimeout(timer);
    };
  }, [phone]);
  return line;
}
