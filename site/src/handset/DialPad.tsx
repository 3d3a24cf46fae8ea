import { useEffect, useRef, useState } from "preact/hooks";

import { useHandsetWords } from "./useHandsetWords.ts";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const FRAUD = "9";
const DIGITS = 2;

/** The phone's keys. Two digits are an answer, and a 9 by itself is a fraud report. */
export function DialPad({ send }: { readonly send: (digits: string) => void }) {
  const words = useHandsetWords();
  const typed = useRef("");
  const [shown, show] = useState("");
  const press = (key: string): void => {
    if (!/^[0-9]$/.test(key)) return;
    typed.current += key;
    show(typed.current);
    if (typed.current !== FRAUD && typed.current.length < DIGITS) return;
    send(typed.current);
    typed.current = "";
  };
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const keyboard = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.metaKey || event.ctrlKey) return;
      latest.current(event.key);
    };
    addEventListener("keydown", keyboard);
    return () => removeEventListener("keydown", keyboard);
  }, []);
  return (
    <div class="dial">
      <p class="dialled" role="status" data-testid="dialled">
        {words.typed(shown)}
      </p>
      <div class="keys" role="group" aria-label={words.keypad}>
        {KEYS.map((key) => (
          <button
            key={key}
            type="button"
            class="key"
            onClick={() => press(key)}
            data-testid={`key-${key}`}
          >
            {key}
          </button>
        ))}
      </div>
    </div>
  );
}
