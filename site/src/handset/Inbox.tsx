import { useEffect, useRef, useState } from "preact/hooks";

import { settings } from "../app/state/settings.ts";
import { useCell } from "../app/state/cell.ts";
import { moment } from "../words/moment.ts";
import type { Message } from "./bank.ts";
import { codeIn } from "./codeIn.ts";
import { useHandsetWords } from "./useHandsetWords.ts";

type Of = { readonly messages: readonly Message[]; readonly sender: string };

/** The text messages, newest on top. One that arrives while one looks is said aloud. */
export function Inbox({ messages, sender }: Of) {
  const words = useHandsetWords();
  const [said, say] = useState("");
  const known = useRef(messages.length);
  useEffect(() => {
    const newest = messages[0];
    if (messages.length > known.current && newest !== undefined) say(words.arrived(newest.text));
    known.current = messages.length;
  }, [messages]);
  return (
    <div class="inbox">
      <h2>{words.messages}</h2>
      <p class="hidden" role="status">
        {said}
      </p>
      {messages.length === 0 && (
        <div class="empty">
          <p>{words.none}</p>
          <p class="soft">{words.noneHint}</p>
        </div>
      )}
      <ul class="messages" data-testid="messages">
        {messages.map((message, n) => (
          <Text key={messages.length - n} message={message} sender={sender} />
        ))}
      </ul>
    </div>
  );
}

function Text({ message, sender }: { readonly message: Message; readonly sender: string }) {
  const { locale } = useCell(settings.cell);
  const code = codeIn(message.text);
  return (
    <li class="message" data-testid="message">
      <p class="message-head">
        <strong>{sender}</strong>
        <span>{moment.full(message.at, locale)}</span>
      </p>
      <p data-testid="message-text">{message.text}</p>
      {code !== null && <Copy code={code} />}
    </li>
  );
}

function Copy({ code }: { readonly code: string }) {
  const words = useHandsetWords();
  const [told, tell] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(code).then(
      () => tell(words.copied),
      () => tell(words.copyFailed),
    );
  };
  return (
    <div class="line">
      <button type="button" class="plain" onClick={copy} data-testid="copy-code" data-code={code}>
        {words.copy(code)}
      </button>
      <span role="status" class="soft">
        {told}
      </span>
    </div>
  );
}
