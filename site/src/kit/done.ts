import type { Done } from "./outcome.ts";

export function done<T>(value: T): Done<T> {
  return { ok: true, value };
}
