import { useRef, useState } from "preact/hooks";

import { pattern, type Pattern } from "../../kit/pattern.ts";
import { useWords } from "../state/words.ts";

type Of = { readonly onDone: (drawn: string) => void; readonly busy?: boolean };

const NODES = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const ARROWS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -3,
  ArrowDown: 3,
};

/**
 * The 3x3 pattern: dragged, tapped dot by dot, or by arrows and space. All three go through the one
 * rule of `kit/pattern`. A drag ends by lifting the finger; taps and keys end with the button.
 */
export function PatternPad({ onDone, busy = false }: Of) {
  const words = useWords();
  const [drawn, setDrawn] = useState<Pattern>([]);
  const [few, setFew] = useState(false);
  const latest = useRef<Pattern>([]);
  const put = (next: Pattern): void => {
    latest.current = next;
    setDrawn(next);
  };
  const add = (node: number): void => {
    if (busy) return;
    setFew(false);
    put(pattern.extend(latest.current, node));
  };
  const finish = (): void => {
    const whole = latest.current;
    put([]);
    setFew(pattern.refusal(whole) !== null);
    if (pattern.refusal(whole) === null) onDone(pattern.text(whole));
  };
  return (
    <div class="secret" data-testid="pattern">
      <Grid drawn={drawn} add={add} finish={finish} />
      <p aria-live="polite" class={few ? "field-error" : "soft"} data-testid="pattern-count">
        {few ? words.pad.few : words.pad.count(drawn.length)}
      </p>
      <div class="tools">
        <button
          type="button"
          class="button second small"
          onClick={() => put([])}
          data-testid="pattern-clear"
        >
          {words.pad.clear}
        </button>
        <button type="button" class="button small" onClick={finish} data-testid="pattern-done">
          {words.pad.done}
        </button>
      </div>
      <p class="hint">{words.pad.help}</p>
    </div>
  );
}

type GridOf = {
  readonly drawn: Pattern;
  readonly add: (node: number) => void;
  readonly finish: () => void;
};

function Grid({ drawn, add, finish }: GridOf) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(4);
  const stroke = useStroke(box, add, finish);
  const keys = (event: KeyboardEvent): void => {
    const step = ARROWS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = moved(at, step);
    setAt(next);
    box.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <div ref={box} class="pattern" {...stroke}>
      <svg viewBox="0 0 30 30" aria-hidden="true" focusable="false">
        <polyline
          points={drawn.map((n) => `${(n % 3) * 10 + 5},${Math.floor(n / 3) * 10 + 5}`).join(" ")}
        />
      </svg>
      <div class="pattern-nodes" role="group" aria-label={words.pad.label} onKeyDown={keys}>
        {NODES.map((node) => (
          <button
            key={node}
            type="button"
            class={`node${drawn.includes(node) ? " drawn" : ""}`}
            tabIndex={node === at ? 0 : -1}
            aria-label={words.pad.node(Math.floor(node / 3) + 1, (node % 3) + 1)}
            onFocus={() => setAt(node)}
            onClick={() => add(node)}
          />
        ))}
      </div>
    </div>
  );
}

/** The neighbour in a direction; the edge stays where it is. */
function moved(at: number, step: number): number {
  const next = at + step;
  const sameRow = Math.floor(next / 3) === Math.floor(at / 3);
  return next < 0 || next > 8 || (Math.abs(step) === 1 && !sameRow) ? at : next;
}

/** Dragging. A press that meets one dot only is a tap, and the pattern goes on. */
function useStroke(
  box: { readonly current: HTMLDivElement | null },
  add: (node: number) => void,
  finish: () => void,
) {
  const met = useRef<Set<number> | null>(null);
  const meet = (event: PointerEvent): void => {
    const node = box.current === null ? null : nodeUnder(box.current, event);
    if (node === null || met.current === null) return;
    met.current.add(node);
    add(node);
  };
  return {
    onPointerDown(event: PointerEvent): void {
      met.current = new Set();
      meet(event);
    },
    onPointerMove(event: PointerEvent): void {
      if (met.current === null) return;
      const path = event.getCoalescedEvents();
      for (const one of path.length > 0 ? path : [event]) meet(one);
      if (met.current.size > 1) box.current?.setPointerCapture(event.pointerId);
    },
    onPointerUp(): void {
      const dragged = (met.current?.size ?? 0) > 1;
      met.current = null;
      if (dragged) finish();
    },
    onPointerCancel(): void {
      met.current = null;
    },
  };
}

/** The dot whose middle is near the pointer; between the dots there is room for other ways. */
function nodeUnder(box: HTMLDivElement, { clientX, clientY }: PointerEvent): number | null {
  const { left, top, width, height } = box.getBoundingClientRect();
  const x = ((clientX - left) / width) * 3;
  const y = ((clientY - top) / height) * 3;
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < 0 || column > 2 || row < 0 || row > 2) return null;
  const near = Math.hypot(x - column - 0.5, y - row - 0.5) < 0.36;
  return near ? row * 3 + column : null;
}
