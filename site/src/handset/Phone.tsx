import { useEffect, useRef, useState } from "preact/hooks";

import type { BankInfo } from "../app/wire.ts";
import { CallResult } from "./CallResult.tsx";
import { CallScreen } from "./CallScreen.tsx";
import { Deposits } from "./Deposits.tsx";
import { Inbox } from "./Inbox.tsx";
import { shownPhone } from "./shownPhone.ts";
import { useHandsetWords } from "./useHandsetWords.ts";
import { useLine } from "./useLine.ts";

type Of = {
  readonly phone: string | null;
  /** Whose name stands on messages and calls. */
  readonly sender: string;
  readonly info: BankInfo | null;
  readonly people: () => void;
};

/** The phone itself: what rings, else how the last call ended, else the messages. */
export function Phone({ phone, sender, info, people }: Of) {
  const words = useHandsetWords();
  const { messages, deposits, call, offline } = useLine(phone);
  const [ended, end] = useState<string | null>(null);
  const [heard, hear] = useState<string | null>(null);
  const live = call !== null && call.id !== ended ? call : null;
  useEffect(() => {
    if (call === null) end(null);
    else if (live !== null) hear(null);
  }, [call?.id, live?.id]);
  useLostCall(live?.id ?? null, ended, () => hear("over"));
  const number = phone === null ? "" : shownPhone(phone);
  return (
    <section class="phone" aria-label={words.phone(number)} data-testid="phone">
      <div class="status">
        <button type="button" class="back" onClick={people} data-testid="people">
          {words.people}
        </button>
        <span class="digits">{number}</span>
      </div>
      <div class="glass">
        {offline && (
          <p class="offline" role="alert">
            {words.offline}
          </p>
        )}
        {phone === null && <p class="empty">{words.choose}</p>}
        {phone !== null && <Deposits deposits={deposits} info={info} />}
        {phone !== null && messages !== null && <Inbox messages={messages} sender={sender} />}
        {live !== null && (
          <CallScreen
            key={live.id}
            call={live}
            sender={sender}
            ended={(how) => {
              end(live.id);
              hear(how);
            }}
          />
        )}
        {live === null && heard !== null && <CallResult heard={heard} close={() => hear(null)} />}
      </div>
    </section>
  );
}

/** Tells when a call went away that nobody ended here: the time was over, or the bank hung up. */
function useLostCall(live: string | null, ended: string | null, lost: () => void): void {
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current !== null && live === null && ended !== before.current) lost();
    before.current = live;
  }, [live]);
}
