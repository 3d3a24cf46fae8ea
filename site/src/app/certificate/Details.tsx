import { b64u } from "../../crypto/b64u.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { save } from "../parts/save.ts";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { useWords } from "../state/words.ts";
import type { Certificate } from "../wire.ts";
import { askCertificate } from "./askCertificate.ts";

type Single = Certificate["certificates"][number];

const ENDED = "REVOKED";

/** State, dates, both certificates with their fingerprints, and what one can do with them. */
export function Details() {
  const words = useWords();
  const { value, problem } = useLoad(askCertificate);
  return (
    <Screen name="certificate" title={words.cert.title} back="/" wide problem={problem}>
      {value === null && problem === null && <Waiting />}
      {value !== null && (
        <>
          <div class="cards">
            <Summary of={value} />
            {value.certificates.map((one) => (
              <One key={one.serial} of={one} />
            ))}
          </div>
          <Ways state={value.state} />
        </>
      )}
    </Screen>
  );
}

function Summary({ of }: { readonly of: Certificate }) {
  const words = useWords();
  const { cert } = words;
  const at = (instant: number | null, none: string): string =>
    instant === null ? none : moment.full(instant, words.lang);
  const tries = of.keys.flatMap(({ methods }) => methods).filter(({ m }) => m === "pin")[0];
  return (
    <section class="card">
      <Facts
        testid="certificate-facts"
        of={[
          [
            cert.state,
            <span class={`tag ${of.state === "ACTIVE" ? "good" : "bad"}`}>
              {words.states[of.state] ?? of.state}
            </span>,
          ],
          [cert.issued, at(of.issued_at, "-")],
          [cert.lastUsed, at(of.last_used_at, cert.never)],
          [cert.expiry, cert.noExpiry],
          [cert.dormant, at(of.dormant_at, "-")],
          [
            `${cert.tries} (${cert.words["pin"]})`,
            tries === undefined ? "-" : cert.triesLeft(tries.tries_left),
          ],
          [cert.subject, <span class="mono">{of.subject_id}</span>],
        ]}
      />
    </section>
  );
}

function One({ of }: { readonly of: Single }) {
  const { cert } = useWords();
  const keep = (): void =>
    save(`dojang-${of.kind}.cer`, "application/pkix-cert", b64u.decode(of.der));
  return (
    <section class="card">
      <h2>{cert.kinds[of.kind] ?? of.kind}</h2>
      <Facts
        of={[
          [cert.serial, <span class="mono">{of.serial}</span>],
          [cert.fingerprint, <span class="mono">{of.fingerprint}</span>],
        ]}
      />
      <button
        type="button"
        class="button second small"
        onClick={keep}
        data-testid={`save-${of.kind}`}
      >
        {cert.save}
      </button>
    </section>
  );
}

/** The button to revoke exists only while there is something to revoke. */
function Ways({ state }: { readonly state: string }) {
  const words = useWords();
  const { menus, cert, log } = words;
  const ways: readonly (readonly [string, string])[] = [
    ["/certificate/history", cert.history],
    ["/certificate/log", log.title],
    ["/methods/pin", menus.pin],
    ["/methods/pattern", menus.pattern],
    ["/methods/passkeys", menus.passkeys],
    ["/issue", menus.issue],
    ...(state === ENDED ? [] : ([["/certificate/revoke", menus.revoke]] as const)),
  ];
  return (
    <ul class="list">
      {ways.map(([to, label]) => (
        <li key={to}>
          <Link to={to} class="row" testid={`to${to.replaceAll("/", "-")}`}>
            {label}
            <Icon name="next" class="chevron" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
