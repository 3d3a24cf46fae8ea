import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route, type Route } from "../state/route.ts";
import { Finished } from "./Finished.tsx";
import { flow, type Wish } from "./flow.ts";
import { OneWon, OneWonCode, Which } from "./OneWon.tsx";
import { NewPassword, OwnAccount, OwnPassword } from "./Password.tsx";
import { Code, Phone } from "./Phone.tsx";
import { Face, IdCard } from "./Picture.tsx";
import { belongs, placeOf } from "./places.ts";
import { Funds, Purpose, YesOrNo } from "./Questions.tsx";
import { OpeningTerm, Start } from "./Start.tsx";

const SCREENS: Readonly<Record<string, ComponentType>> = {
  phone: Phone,
  code: Code,
  which: Which,
  "id-card": IdCard,
  face: Face,
  "one-won": OneWon,
  "one-won-code": OneWonCode,
  purpose: Purpose,
  funds: Funds,
  questions: YesOrNo,
  password: NewPassword,
  account: OwnAccount,
  "account-password": OwnPassword,
  done: Finished,
};

/** Identified again: one question a screen, and after a reload the screen where one was. */
export function Opening({ at }: { readonly at: Route }) {
  const [wish, screen, code] = at;
  if (screen === undefined) return <Start key={wish} wish={wishOf(wish)} />;
  if (screen === "terms" && code !== undefined) return <OpeningTerm code={code} />;
  return <Within wish={wishOf(wish)} screen={screen} />;
}

function wishOf(part: string | undefined): Wish {
  return part === "unlock" || part === "release" || part === "identify" ? part : "opening";
}

type Of = { readonly wish: Wish; readonly screen: string };

/** Screens that need something under way; the server decides which one it is the turn of. */
function Within({ wish, screen }: Of) {
  const state = useCell(flow.state);
  const found = SCREENS[screen];
  const inTurn = state !== null && found !== undefined && belongs(wish, screen, state);
  useEffect(() => {
    if (inTurn) return;
    if (state !== null) return route.replace(placeOf(state));
    void flow.resume().then((outcome) => {
      route.replace(outcome.ok ? placeOf(outcome.value) : `/${wish}`);
    });
  }, [inTurn, screen]);
  if (!inTurn || found === undefined) return <Waiting />;
  const Inside = found;
  return <Inside />;
}
