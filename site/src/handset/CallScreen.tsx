import { useEffect, useRef, useState } from "preact/hooks";

import { bank, type Call } from "./bank.ts";
import { DialPad } from "./DialPad.tsx";
import { PhoneIcon } from "./PhoneIcon.tsx";
import { speech } from "./speech.ts";
import { useHandsetWords } from "./useHandsetWords.ts";

type Of = {
  readonly call: Call;
  readonly sender: string;
  /** The call ended here; `heard` is a key of `words.results`. */
  readonly ended: (heard: string) => void;
};

/** A call: it rings, it is answered, it speaks and takes digits. */
export function CallScreen({ call, sender, ended }: Of) {
  const words = useHandsetWords();
  const [answered, setAnswered] = useState(call.state === "answered");
  const hangUp = (): void => {
    speech.stop();
    ended("over");
    void bank.hangUp(call.id);
  };
  const answer = (): void => {
    // Speech needs a press of the customer in the same turn.
    speech.say(call.prompt, call.locale);
    setAnswered(true);
    void bank.answer(call.id);
  };
  useEffect(() => () => speech.stop(), []);
  return (
    <section
      class={`call${answered ? " talking" : " ringing"}`}
      role="dialog"
      aria-label={answered ? words.talking : words.ringing}
      data-testid="call"
      data-state={answered ? "answered" : "ringing"}
    >
      <header class="call-head">
        <p>{answered ? words.talking : words.ringing}</p>
        <h2>{sender}</h2>
        <p>{words.caller}</p>
      </header>
      {answered ? (
        <Talk call={call} ended={ended} hangUp={hangUp} />
      ) : (
        <Ring answer={answer} hangUp={hangUp} />
      )}
    </section>
  );
}

function Ring({ answer, hangUp }: { readonly answer: () => void; readonly hangUp: () => void }) {
  const words = useHandsetWords();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      <div class="bell" aria-hidden="true">
        <PhoneIcon />
      </div>
      <p class="hidden" role="alert">
        {words.ringing}
      </p>
      <div class="call-buttons">
        <button type="button" class="round red" onClick={hangUp} data-testid="decline">
          <PhoneIcon down />
          <span>{words.decline}</span>
        </button>
        <button ref={first} type="button" class="round green" onClick={answer} data-testid="answer">
          <PhoneIcon />
          <span>{words.answer}</span>
        </button>
      </div>
    </>
  );
}

type TalkOf = Omit<Of, "sender"> & { readonly hangUp: () => void };

function Talk({ call, ended, hangUp }: TalkOf) {
  const words = useHandsetWords();
  const [told, tell] = useState("");
  const [speaking, setSpeaking] = useState(true);
  const send = (digits: string): void => {
    speech.stop();
    void bank.key(call.id, digits).then((answer) => {
      const goesOn = answer?.heard === "wrong" && answer.tries_left > 0;
      if (goesOn) tell(words.wrong(answer.tries_left));
      else ended(answer?.heard ?? "over");
    });
  };
  const speaker = (): void => {
    setSpeaking(!speaking);
    if (speaking) speech.stop();
    else speech.say(call.prompt, call.locale);
  };
  return (
    <>
      <div class="said">
        <h3>{words.said}</h3>
        <p lang={call.locale} tabIndex={0} data-testid="prompt">
          {call.prompt}
        </p>
        <div class="line">
          <button
            type="button"
            class="plain"
            onClick={() => speech.say(call.prompt, call.locale)}
            data-testid="listen"
          >
            {words.listen}
          </button>
          <button type="button" class="plain" onClick={speaker} data-testid="speaker">
            {speaking ? words.speaker : words.speakerOff}
          </button>
        </div>
      </div>
      <p class="told" role="alert" data-testid="told">
        {told}
      </p>
      <DialPad send={send} />
      <div class="call-buttons">
        <button type="button" class="round red" onClick={hangUp} data-testid="hang-up">
          <PhoneIcon down />
          <span>{words.hangUp}</span>
        </button>
      </div>
    </>
  );
}
