import { useEffect } from "preact/hooks";

import { problem } from "../../kit/problem.ts";
import { logIn } from "../logIn.ts";
import { Icon } from "../parts/Icon.tsx";
import { Keypad } from "../parts/Keypad.tsx";
import { Link } from "../parts/Link.tsx";
import { PatternPad } from "../parts/PatternPad.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useHere } from "../home/useHere.ts";
import { useCell } from "../state/cell.ts";
import { route, type Route } from "../state/route.ts";
import { session } from "../state/session.ts";
import { useWords } from "../state/words.ts";
import { passkeyLogin } from "./passkeyLogin.ts";

/** Login by PIN, pattern or passkey. Shows the origin that is signed. */
export function Login({ at }: { readonly at: Route }) {
  const opened = useCell(session.cell) !== null;
  useEffect(() => {
    if (opened) route.replace(session.takeWanted());
  }, [opened]);
  switch (at[1]) {
    case "pin":
      return <BySecret m="pin" />;
    case "pattern":
      return <BySecret m="pattern" />;
    case "passkey":
      return <ByPasskey />;
    default:
      return <Ways />;
  }
}

function Ways() {
  const words = useWords();
  const { signIn } = words;
  const here = useHere();
  const why = session.whyClosed();
  const ended = why === null ? null : problem(why, 401);
  if (here === null) return <Waiting />;
  if (!here.certificate) return <NoCertificate />;
  return (
    <Screen name="login" title={signIn.title} lead={signIn.lead} back="/" problem={ended}>
      <ul class="list">
        <Way to="/login/pin" label={signIn.pin} hint={signIn.pinHint} />
        <Way to="/login/pattern" label={signIn.pattern} hint={signIn.patternHint} />
        <Way to="/login/passkey" label={signIn.passkey} hint={signIn.passkeyHint} />
      </ul>
      <p class="soft">{signIn.to(location.origin)}</p>
      <div class="note">
        <p>
          <strong>{signIn.forgot}</strong>
        </p>
        <p>{signIn.forgotLead}</p>
        <Link to="/issue" class="button second">
          {words.menus.issue}
        </Link>
      </div>
    </Screen>
  );
}

function Way({ to, label, hint }: { to: string; label: string; hint: string }) {
  return (
    <li>
      <Link to={to} class="row" testid={to.slice(1).replace("/", "-")}>
        <span class="row-text">
          {label}
          <small>{hint}</small>
        </span>
        <Icon name="next" class="chevron" />
      </Link>
    </li>
  );
}

function NoCertificate() {
  const words = useWords();
  return (
    <Screen
      name="login-none"
      title={words.signIn.title}
      lead={words.signIn.none}
      back="/"
      foot={
        <Link to="/issue" class="button" testid="issue">
          {words.greeting.issue}
        </Link>
      }
    />
  );
}

function BySecret({ m }: { readonly m: "pin" | "pattern" }) {
  const { signIn } = useWords();
  const { busy, problem: refused, run } = useTask();
  const enter = (secret: string): void =>
    run(
      () => logIn(m, secret),
      () => undefined,
    );
  const title = m === "pin" ? signIn.pinTitle : signIn.patternTitle;
  return (
    <Screen
      name={`login-${m}`}
      title={title}
      lead={signIn.to(location.origin)}
      back="/login"
      problem={refused}
    >
      {busy && <Waiting />}
      {!busy && m === "pin" && <Keypad length={6} onDone={enter} />}
      {!busy && m === "pattern" && <PatternPad onDone={enter} />}
    </Screen>
  );
}

function ByPasskey() {
  const { signIn } = useWords();
  const { busy, problem: refused, run } = useTask();
  return (
    <Screen
      name="login-passkey"
      title={signIn.passkeyTitle}
      lead={signIn.passkeyLead}
      back="/login"
      problem={refused}
      action={{ label: signIn.passkeyStart, busy, run: () => run(passkeyLogin, () => undefined) }}
    >
      <p class="soft">{signIn.to(location.origin)}</p>
    </Screen>
  );
}
