import { useEffect, useState } from "preact/hooks";

import { clockOffset } from "../state/bank.ts";

/**
 * Whole seconds until an instant of the server (us), by the phone's clock; never below 0. Rounded,
 * since what we know of the server's clock is old by the time the answer took.
 */
export function useCountdown(until: number | null): number {
  const left = (): number =>
    until === null
      ? 0
      : Math.max(0, Math.round(until / 1_000_000 - (Date.now() / 1000 + clockOffset())));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
