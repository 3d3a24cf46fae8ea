import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { useCell } from "../state/cell.ts";
import { pending } from "../state/pending.ts";
import { route, type Route } from "../state/route.ts";
import { Amount } from "./Amount.tsx";
import { Ars } from "./Ars.tsx";
import { Check } from "./Check.tsx";
import { draft, type Draft } from "./draft.ts";
import { Password, Pin } from "./Factors.tsx";
import { From } from "./From.tsx";
import { Held } from "./Held.tsx";
import { Memo } from "./Memo.tsx";
import { PayeeAccount, PayeeBank } from "./Payee.tsx";
import { Pending } from "./Pending.tsx";
import { Result } from "./Result.tsx";
import { Sent } from "./Sent.tsx";
import { SmsCode } from "./SmsCode.tsx";

type Place = { readonly inside: ComponentType; readonly ready: (draft: Draft) => boolean };

const ordered = ({ order }: Draft): boolean => order !== null;

/** Each screen, and what must be there before it; else one starts where it is missing. */
const PLACES: Readonly<Record<string, Place>> = {
  bank: { inside: PayeeBank, ready: ({ from }) => from !== null },
  account: { inside: PayeeAccount, ready: ({ from, bank }) => from !== null && bank !== null },
  amount: { inside: Amount, ready: ({ from, payee }) => from !== null && payee !== null },
  memo: { inside: Memo, ready: ({ payee, amount }) => payee !== null && amount !== null },
  check: { inside: Check, ready: ordered },
  "account-password": { inside: Password, ready: ordered },
  sms: { inside: SmsCode, ready: ordered },
  ars: { inside: Ars, ready: ordered },
  pin: { inside: Pin, ready: ordered },
  result: { inside: Result, ready: ordered },
};

/** Sending money: one question a screen, then what is signed, then the factors in order. */
export function Transfer({ at }: { readonly at: Route }) {
  const now = useCell(draft.cell);
  const name = at[1] ?? "from";
  const place = PLACES[name];
  const ready = place?.ready(now) ?? true;
  useEffect(() => {
    if (ready) return;
    const interrupted = place?.ready === ordered && pending.cell.get().length > 0;
    route.replace(interrupted ? "/transfer/pending" : "/transfer");
  }, [ready]);
  if (name === "pending") return <Pending />;
  if (name === "held") return <Held />;
  if (name === "sent" && at[2] !== undefined) return <Sent key={at[2]} id={at[2]} />;
  if (place === undefined || !ready) return <From chosen={at[2] ?? null} />;
  const Inside = place.inside;
  return <Inside />;
}
