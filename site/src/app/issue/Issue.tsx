import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { Waiting } from "../parts/Waiting.tsx";
import { useCell } from "../state/cell.ts";
import { route, type Route } from "../state/route.ts";
import { AccountChoice, AccountPassword } from "./Account.tsx";
import { Code, Confirm } from "./Code.tsx";
import { NewAccount, NewId, NewName, NewPassword } from "./Enrol.tsx";
import { flow } from "./flow.ts";
import { InternetBanking, Who } from "./Identify.tsx";
import { Intro } from "./Intro.tsx";
import { Issuing } from "./Issuing.tsx";
import { MakePattern, MakePin } from "./Methods.tsx";
import { Carrier, Name, Phone, ResidentNumber } from "./Person.tsx";
import { belongs, placeOf } from "./places.ts";
import { Term, Terms } from "./Terms.tsx";

const SCREENS: Readonly<Record<string, ComponentType>> = {
  who: Who,
  "internet-banking": InternetBanking,
  carrier: Carrier,
  name: Name,
  number: ResidentNumber,
  phone: Phone,
  confirm: Confirm,
  code: Code,
  account: AccountChoice,
  "account-password": AccountPassword,
  "new-id": NewId,
  "new-password": NewPassword,
  "new-name": NewName,
  "new-account": NewAccount,
  pin: MakePin,
  pattern: MakePattern,
  issuing: Issuing,
};

/** Issue and reissue: one question a screen, and after a reload the screen where one was. */
export function Issue({ at }: { readonly at: Route }) {
  const screen = at[1] ?? "";
  if (screen === "") return <Intro />;
  if (screen === "terms") return at[2] === undefined ? <Terms /> : <Term code={at[2]} />;
  return <Within screen={screen} />;
}

/** Screens that need an enrolment under way; the server decides which one it is the turn of. */
function Within({ screen }: { readonly screen: string }) {
  const state = useCell(flow.state);
  const found = SCREENS[screen];
  const inTurn = state !== null && found !== undefined && belongs(screen, state);
  useEffect(() => {
    if (inTurn) return;
    if (state !== null) return route.replace(placeOf(state));
    void flow.resume().then((outcome) => {
      route.replace(outcome.ok ? placeOf(outcome.value) : "/issue");
    });
  }, [inTurn, screen]);
  if (!inTurn || found === undefined) return <Waiting />;
  const Inside = found;
  return <Inside />;
}
