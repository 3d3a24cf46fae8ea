import { useEffect, useState } from "preact/hooks";

import { CallResult } from "./CallResult.tsx";
import { CallScreen } from "./CallScreen.tsx";
import { Inbox } from "./Inbox.tsx";
import { shownPhone } from "./shownPhone.ts";
import { useHandsetWords } from "./useHandsetWords.ts";
import { useLine } from "./useLine.ts";

type Of = {
  readonly phone: string | null;
  /** Whose name stands on messages and calls. */
  readonly sender: string;
  readonly people: () => void;
};

/** The phone itself: what rings, else how the last call ended, else the messages. */
export function Phone({ phone, sender, people }: Of) {
  const words = useHandsetWords();
  const { messages, call, offline } = useLine(phone);
  const [over, setOver] = useState<{ id: string; heard: string } | null>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const live = call !== null && call.id !== over?.id && call.id !== seen ? call : null;
  useLostCall(live?.id ?? null, over?.id ?? null, (id) => setOver({ id, heard: "over" }));
  const close = (): void => {
    setSeen(over?.id ?? null);
    setOver(null);
  };
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
        {phone !== null && messages !== null && <Inbox messages={messages} sender={sender} />}
        {live !== null && (
          <CallScreen
            key={live.id}
            call={live}
            sender={sender}
            ended={(heard) => setOver({ id: live.id, heard })}
          />
        )}
        {live === null && over !== null && <CallResult heard={over.heard} close={close} />}
      </div>
    </section>
  );
}

/** Says so when a call went away that nobody ended here: the time was over, or the bank hung up. */
function useLostCall(live: string | null, over: string | null, lost: (id: string) => void): void {
  const [before, setBefore] = useState<string | null>(null);
  useEffect(() => {
    if (before !== null && live === null && over !== before) lost(before);
    setBefore(live);
  }, [live]);
}
