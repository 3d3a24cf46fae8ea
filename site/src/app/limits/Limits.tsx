import { won } from "../../kit/won.ts";
import { Facts, type Fact } from "../parts/Facts.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import type { Route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Limits as LimitsOf } from "../wire.ts";
import { askLimits } from "./askLimits.ts";
import { Change } from "./Change.tsx";

/** How much can I send now, and why; and the way to change it. */
export function Limits({ at }: { readonly at: Route }) {
  return at[1] === "change" ? <Change /> : <Now />;
}

function Now() {
  const words = useWords();
  const { limit } = words;
  const { value, problem } = useLoad(askLimits);
  return (
    <Screen
      name="limits"
      title={limit.title}
      back="/"
      problem={problem}
      foot={
        <>
          {value !== null && forPapers(value) && (
            <Link to="/opening" class="button" testid="to-opening">
              {words.opening.title}
            </Link>
          )}
          <Link to="/limits/change" class="button second" testid="change">
            {limit.change}
          </Link>
          <Link to="/safeguards" class="button second" testid="safeguards">
            {words.menus.safeguards}
          </Link>
        </>
      }
    >
      {value === null && problem === null && <Waiting />}
      {value !== null && (
        <>
          <Left of={value} />
          <h2>{limit.tiers}</h2>
          <Tiers of={value} />
          <Why of={value} />
        </>
      )}
    </Screen>
  );
}

function Left({ of }: { readonly of: LimitsOf }) {
  const words = useWords();
  const { limit } = words;
  const others: readonly Fact[] =
    of.unregistered === null
      ? []
      : [[words.guard.unregistered, words.won(won.digits(of.unregistered.left_today))]];
  const whole = of.used_today + of.left_today;
  const share = whole === 0 ? 0 : (100 * of.used_today) / whole;
  return (
    <section class="card">
      <p class="soft">{limit.left}</p>
      <p class="amount" data-testid="left-today">
        {words.won(won.digits(of.left_today))}
      </p>
      <svg class="meter" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="3" rx="1.500" />
        <rect width={share} height="3" rx="1.500" />
      </svg>
      <p class="soft">
        {limit.used(words.won(won.digits(of.used_today)))}
        {!forPapers(of) && ` · ${limit.reset}`}
      </p>
      <Facts
        of={[
          [limit.perTransfer, words.won(won.digits(of.per_transfer))],
          [limit.perDay, words.won(won.digits(of.per_day))],
          ...others,
        ]}
      />
    </section>
  );
}

function Tiers({ of }: { readonly of: LimitsOf }) {
  const words = useWords();
  const { limit, send } = words;
  return (
    <ul class="list" data-testid="tiers">
      {of.tiers.map(({ name, from, up_to, needs, open, why_closed }) => (
        <li class="row" key={name}>
          <span class="row-text">
            {limit.range(words.won(won.digits(from)), words.won(won.digits(up_to)))}
            <small>{needs.map((need) => send.factors[need] ?? need).join(" + ")}</small>
            {why_closed !== null && (
              <small>{limit.codes[why_closed] ?? words.problems[why_closed]?.what}</small>
            )}
          </span>
          <span class={`tag ${open ? "good" : "bad"}`}>{open ? limit.open : limit.closed}</span>
        </li>
      ))}
    </ul>
  );
}

/** Whether nothing can be sent before a check is passed or papers are shown, on whatever day. */
function forPapers({ reasons }: LimitsOf): boolean {
  return reasons.some(({ code, limit }) => code === "over_account_day_limit" && limit === 0);
}

function Why({ of }: { readonly of: LimitsOf }) {
  const words = useWords();
  const { limit } = words;
  const told = of.reasons.flatMap(({ code }) => {
    const line = limit.codes[code] ?? words.problems[code]?.what;
    return line === undefined ? [] : [line];
  });
  return (
    <section class="note" data-testid="why">
      <h3>{limit.why}</h3>
      {told.length === 0 && <p>{limit.whole}</p>}
      {told.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {of.reasons.some(({ code }) => code === "over_account_day_limit") && (
        <p>{forPapers(of) ? words.opening.limitedNone : words.opening.limited}</p>
      )}
      <p>{limit.policy(of.policy_version)}</p>
    </section>
  );
}
