import { Icon, type IconName } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { Seal } from "../parts/Seal.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { pending } from "../state/pending.ts";
import { session } from "../state/session.ts";
import { useWords } from "../state/words.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { moment } from "../../words/moment.ts";
import type { Certificate } from "../wire.ts";
import { HeldCard } from "./HeldCard.tsx";
import { useHere, type Here } from "./useHere.ts";

/** Greeting, the certificate's card, and where one wants to go most. */
export function Home() {
  const words = useWords();
  const here = useHere();
  const opened = useCell(session.cell);
  const waiting = useCell(pending.cell);
  const info = useCell(bank.cell);
  const { hello, helloName, lead } = words.greeting;
  return (
    <Screen name="home" wide title={opened === null ? hello : helloName(opened.name)} lead={lead}>
      {waiting.length > 0 && <Unsettled />}
      {here !== null && <Ways here={here} signedIn={opened !== null} />}
      {info?.demo === true && <p class="note">{words.set.sample}</p>}
      {info !== null && (
        <p class="soft">
          {words.hotline} <span class="whole">{info.hotline}</span>
        </p>
      )}
    </Screen>
  );
}

type WaysOf = { readonly here: Here; readonly signedIn: boolean };

/** What comes later comes below, or into a line that was kept for it: no button moves away from
    the finger that is about to press it. */
function Ways({ here, signedIn }: WaysOf) {
  const words = useWords();
  return (
    <>
      <Card here={here} signedIn={signedIn} />
      <h2>{words.greeting.quick}</h2>
      <nav class="quick" aria-label={words.greeting.quick}>
        <Quick to="/accounts" icon="wallet" label={words.menus.accounts} />
        <Quick to="/transfer" icon="send" label={words.menus.transfer} />
        <Quick to="/limits" icon="gauge" label={words.menus.limits} />
        <Quick to="/loss" icon="alarm" label={words.menus.loss} />
      </nav>
      {signedIn && <HeldCard />}
    </>
  );
}

function Unsettled() {
  const words = useWords();
  return (
    <section class="card" data-testid="pending-card">
      <h2>{words.greeting.pending}</h2>
      <p class="soft">{words.greeting.pendingLead}</p>
      <Link to="/transfer/pending" class="button second">
        {words.greeting.check}
      </Link>
    </section>
  );
}

function Quick({ to, icon, label }: { to: string; icon: IconName; label: string }) {
  return (
    <Link to={to} testid={`quick${to.replace("/", "-")}`}>
      <Icon name={icon} />
      <span>{label}</span>
    </Link>
  );
}

function Card({ here, signedIn }: WaysOf) {
  const words = useWords().greeting;
  if (here.unfinished) {
    return (
      <SealCard state="unfinished" title={words.unfinished} lead={words.unfinishedLead}>
        <Link to="/issue/resume" class="button" testid="resume-issue">
          {words.resume}
        </Link>
      </SealCard>
    );
  }
  if (!here.certificate) {
    return (
      <SealCard state="none" title={words.none} lead={words.noneLead}>
        <Link to="/issue" class="button" testid="issue">
          {words.issue}
        </Link>
      </SealCard>
    );
  }
  return signedIn ? <Own /> : <Here />;
}

function Here() {
  const words = useWords();
  return (
    <SealCard state="here" title={words.greeting.here} lead={words.greeting.hereLead}>
      <Link to="/login" class="button" testid="login">
        {words.login}
      </Link>
    </SealCard>
  );
}

/** Signed in: the state as the bank has it. */
function Own() {
  const words = useWords();
  const { value } = useLoad((): Promise<Outcome<Certificate | null>> =>
    session.token() === null
      ? Promise.resolve(done(null))
      : desk.mine<Certificate>({ method: "GET", path: "/v1/certificate" }),
  );
  const state = value?.state ?? null;
  const dormant = moment.date(value?.dormant_at ?? Date.now() * 1_000, words.lang);
  return (
    <SealCard
      state="own"
      title={words.cert.title}
      lead={words.greeting.dormant(dormant)}
      known={typeof value?.dormant_at === "number"}
    >
      <p class={state === null ? "unsaid" : undefined}>
        <span
          class={`tag ${state === "ACTIVE" ? "good" : "bad"}`}
          data-testid={state === null ? undefined : "certificate-state"}
        >
          {words.states[state ?? "ACTIVE"] ?? state}
        </span>
      </p>
      <Link to="/certificate" class="button second" testid="certificate">
        {words.greeting.details}
      </Link>
    </SealCard>
  );
}

type SealCardOf = {
  readonly state: string;
  readonly title: string;
  readonly lead: string;
  /** Whether the lead is true yet; until then only its place is kept. */
  readonly known?: boolean;
  readonly children: preact.ComponentChildren;
};

function SealCard({ state, title, lead, known = true, children }: SealCardOf) {
  return (
    <section class="card seal-card" data-testid="certificate-card" data-state={state}>
      <Seal class="seal-ghost" />
      <h2>{title}</h2>
      <p class={known ? "soft" : "soft unsaid"}>{lead}</p>
      {children}
    </section>
  );
}
