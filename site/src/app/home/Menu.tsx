import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";
import type { Words } from "../../words/ko.ts";
import { useHere } from "./useHere.ts";

type Item = { readonly to: string; readonly label: string; readonly needs?: boolean };
type Group = { readonly path: readonly string[]; readonly items: readonly Item[] };

/** The full menu, with the paths the bank prints in its leaflets. */
export function Menu() {
  const words = useWords();
  const here = useHere();
  return (
    <Screen name="menu" title={words.menus.title} wide back="/">
      <div class="cards">
        {groups(words).map((group) => (
          <Section key={group.path.join()} group={group} certificate={here?.certificate === true} />
        ))}
      </div>
    </Screen>
  );
}

function groups({ menus, log }: Words): readonly Group[] {
  const needs = true;
  return [
    {
      path: [menus.title, menus.center, menus.mobile],
      items: [
        { to: "/issue", label: menus.issue },
        { to: "/certificate", label: menus.details, needs },
        { to: "/certificate/history", label: menus.history, needs },
        { to: "/certificate/log", label: log.title, needs },
      ],
    },
    {
      path: [menus.title, menus.center, menus.joint],
      items: [
        { to: "/joint", label: menus.jointOwn, needs },
        { to: "/joint-check", label: menus.jointCheck },
      ],
    },
    {
      path: [menus.title, menus.security, menus.mobile],
      items: [
        { to: "/certificate/revoke", label: menus.revoke, needs },
        { to: "/methods/pin", label: menus.pin, needs },
        { to: "/methods/pattern", label: menus.pattern, needs },
        { to: "/methods/passkeys", label: menus.passkeys, needs },
        { to: "/sessions", label: menus.sessions, needs },
      ],
    },
    {
      path: [menus.title, menus.banking],
      items: [
        { to: "/accounts", label: menus.accounts, needs },
        { to: "/opening", label: menus.opening, needs },
        { to: "/unlock", label: menus.unlock, needs },
        { to: "/transfer", label: menus.transfer, needs },
        { to: "/transfer/held", label: menus.held, needs },
        { to: "/safeguards", label: menus.safeguards, needs },
        { to: "/limits", label: menus.limits, needs },
        { to: "/limits/change", label: menus.changeLimits, needs },
      ],
    },
    {
      path: [menus.title, menus.accident],
      items: [
        { to: "/loss", label: menus.loss },
        { to: "/release", label: menus.release, needs },
      ],
    },
    {
      path: [menus.title, menus.settings],
      items: [{ to: "/settings", label: menus.settings }],
    },
  ];
}

/** What needs a certificate is there only with one. */
function Section({ group, certificate }: { readonly group: Group; readonly certificate: boolean }) {
  const words = useWords();
  const items = group.items.filter(({ needs }) => certificate || needs !== true);
  return (
    <nav aria-label={group.path.join(" → ")}>
      <h2 class="soft">{group.path.slice(1).join(" → ")}</h2>
      {items.length === 0 && <p class="note">{words.menus.needsCertificate}</p>}
      {items.length > 0 && (
        <ul class="list">
          {items.map(({ to, label }) => (
            <li key={to}>
              <Link to={to} class="row" testid={`menu${to.replaceAll("/", "-")}`}>
                {label}
                <Icon name="next" class="chevron" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </nav>
  );
}
