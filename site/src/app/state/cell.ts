import { useEffect, useState } from "preact/hooks";

/** One value that screens may watch. The whole of our state management. */
export type Cell<T> = {
  get(): T;
  set(value: T): void;
  /** Tells `listener` of every new value, until the returned function is called. */
  watch(listener: () => void): () => void;
};

export function cell<T>(start: T): Cell<T> {
  let value = start;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const listener of [...listeners]) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The value of a cell; the component is drawn again when it changes. */
export function useCell<T>(of: Cell<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => of.watch(() => redraw((n) => n + 1)), [of]);
  return of.get();
}
