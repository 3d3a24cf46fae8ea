import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";

import { settings } from "../state/settings.ts";
import { useCell } from "../state/cell.ts";
import { useWords } from "../state/words.ts";
import { shuffled } from "./shuffled.ts";

type Of = {
  readonly length: number;
  /** Called with all digits; the pad empties itself first. */
  readonly onDone: (digits: string) => void;
  readonly busy?: boolean;
};

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

/**
 * The secure keypad: real buttons, in an order of chance if the customer likes, and the number keys
 * of a keyboard. The digits typed are in no attribute and no text of the page; what is said and
 * shown is how many there are.
 */
export function Keypad({ length, onDone, busy = false }: Of) {
  const words = useWords();
  const id = useId();
  const { shuffle } = useCell(settings.cell);
  const typed = useRef("");
  const [count, setCount] = useState(0);
  const [round, setRound] = useState(0);
  const keys = useMemo(() => (shuffle ? shuffled(DIGITS) : DIGITS), [shuffle, round]);

  const put = (next: string): void => {
    typed.current = next;
    setCount(next.length);
  };
  const add = (digit: string): void => {
    if (busy || typed.current.length >= length) return;
    put(typed.current + digit);
    if (typed.current.length < length) return;
    const whole = typed.current;
    put("");
    setRound((n) => n + 1);
    onDone(whole);
  };
  const erase = (): void => put(typed.current.slice(0, -1));
  useKeyboard(add, erase);

  return (
    <div class="secret" data-testid="keypad">
      <Dots count={count} length={length} />
      <p class="hidden" aria-live="polite" data-testid="keypad-count">
        {words.keypad.count(count, length)}
      </p>
      <div class="keypad" role="group" aria-label={words.keypad.label} aria-describedby={id}>
        {keys.slice(0, 9).map((digit) => (
          <Key key={digit} label={digit} press={() => add(digit)} />
        ))}
        <Key word label={words.keypad.clear} press={() => put("")} testid="keypad-clear" />
        <Key label={keys[9] ?? ""} press={() => add(keys[9] ?? "")} />
        <Key word label={words.keypad.erase} press={erase} testid="keypad-erase" />
      </div>
      <p class="hint" id={id}>
        {words.keypad.auto(length)}
      </p>
    </div>
  );
}

type KeyOf = {
  readonly label: string;
  readonly press: () => void;
  readonly word?: boolean;
  readonly testid?: string;
};

function Key({ label, press, word = false, testid }: KeyOf) {
  return (
    <button type="button" class={`key${word ? " word" : ""}`} onClick={press} data-testid={testid}>
      {label}
    </button>
  );
}

function Dots({ count, length }: { readonly count: number; readonly length: number }) {
  return (
    <div class="dots" aria-hidden="true">
      {Array.from({ length }, (_, n) => (
        <span key={n} class={n < count ? "full" : ""} />
      ))}
    </div>
  );
}

/** Digits and Backspace from anywhere on the screen, but not out of a text field. */
function useKeyboard(add: (digit: string) => void, erase: () => void): void {
  const latest = useRef({ add, erase });
  latest.current = { add, erase };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.metaKey || event.ctrlKey) return;
      if (/^[0-9]$/.test(event.key)) latest.current.add(event.key);
      else if (event.key === "Backspace") latest.current.erase();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
