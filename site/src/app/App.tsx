import type { ComponentType } from "preact";

import { Area } from "./Area.tsx";
import { Icon } from "./parts/Icon.tsx";
import { Link } from "./parts/Link.tsx";
import { Seal } from "./parts/Seal.tsx";
import { signOut } from "./signOut.ts";
import { bank } from "./state/bank.ts";
import { useCell } from "./state/cell.ts";
import { route, type Route } from "./state/route.ts";
import { session } from "./state/session.ts";
import { settings } from "./state/settings.ts";
import { useWords } from "./state/words.ts";

/** A part of the app that is loaded when it is first entered. */
type Load = () => Promise<ComponentType<{ readonly at: Route }>>;
type Place = { readonly load: Load; readonly signedIn: boolean };

const open = (load: Load): Place => ({ load, signedIn: false });
const own = (load: Load): Place => ({ load, signedIn: true });

const PLACES: Readonly<Record<string, Place>> = {
  "": open(async () => (await import("./home/Home.tsx")).Home),
  menu: open(async () => (await import("./home/Menu.tsx")).Menu),
  issue: open(async () => (await import("./issue/Issue.tsx")).Issue),
  issued: open(async () => (await import("./issue/IssuedScreen.tsx")).IssuedScreen),
  rewritten: open(async () => (await import("./certificate/Rewritten.tsx")).Rewritten),
  revoked: open(async () => (await import("./certificate/Revoke.tsx")).Revoked),
  login: open(async () => (await import("./login/Login.tsx")).Login),
  loss: open(async () => (await import("./loss/Loss.tsx")).Loss),
  settings: open(async () => (await import("./settings/Settings.tsx")).Settings),
  opening: own(async () => (await import("./opening/Opening.tsx")).Opening),
  unlock: own(async () => (await import("./opening/Opening.tsx")).Opening),
  identify: own(async () => (await import("./opening/Opening.tsx")).Opening),
  release: open(async () => (await import("./opening/Opening.tsx")).Opening),
  accounts: own(async () => (await import("./money/Accounts.tsx")).Accounts),
  transfer: own(async () => (await import("./transfer/Transfer.tsx")).Transfer),
  safeguards: own(async () => (await import("./safeguards/Safeguards.tsx")).Safeguards),
  limits: own(async () => (await import("./limits/Limits.tsx")).Limits),
  certificate: own(async () => (await import("./certificate/Certificate.tsx")).Certificate),
  joint: own(async () => (await import("./joint/Joint.tsx")).Joint),
  "joint-check": open(async () => (await import("./joint/Check.tsx")).Check),
  methods: own(async () => (await import("./methods/Methods.tsx")).Methods),
  sessions: own(async () => (await import("./methods/Sessions.tsx")).Sessions),
};

const NOWHERE = open(async () => (await import("./home/NotFound.tsx")).NotFound);
const LOGIN = PLACES["login"] ?? NOWHERE;

/** The house: the bar on top, and the area the address names. */
export function App() {
  const words = useWords();
  const at = useCell(route.cell);
  const signedIn = useCell(session.cell) !== null;
  const wanted = PLACES[at[0] ?? ""] ?? NOWHERE;
  const barred = wanted.signedIn && !signedIn;
  if (barred) session.want(location.pathname);
  const place = barred ? LOGIN : wanted;
  return (
    <div class="house">
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <Bar signedIn={signedIn} />
      <Area key={barred ? "login" : (at[0] ?? "")} load={place.load} at={barred ? ["login"] : at} />
    </div>
  );
}

function Bar({ signedIn }: { readonly signedIn: boolean }) {
  const words = useWords();
  const info = useCell(bank.cell);
  const { locale } = useCell(settings.cell);
  const other = locale === "ko" ? "en" : "ko";
  return (
    <header class="bar">
      <div class="bar-inner">
        <Link to="/" class="brand" testid="brand">
          <Seal />
          <span>{info?.bank_name[locale] ?? words.name}</span>
        </Link>
        <button
          type="button"
          class="bar-button"
          lang={other}
          onClick={() => settings.change({ locale: other })}
          data-testid="language"
        >
          {words.otherLanguage}
        </button>
        {signedIn && (
          <button type="button" class="bar-button" onClick={signOut} data-testid="logout">
            {words.logout}
          </button>
        )}
        <Link to="/menu" class="bar-button" testid="menu">
          <Icon name="menu" />
          <span class="hidden">{words.menu}</span>
        </Link>
      </div>
    </header>
  );
}
