import { moment } from "../../words/moment.ts";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import type { Joint } from "./askJoint.ts";
import { nameIn } from "./nameIn.ts";
import { TestNote } from "./TestNote.tsx";
import { useJointWords } from "./useJointWords.ts";
import type { JointCertificate } from "./wire.ts";

/** What it is, and the certificates there are and were. */
export function Book({ of: { book, keys } }: { readonly of: Joint }) {
  const joint = useJointWords();
  const demo = useCell(bank.cell)?.demo === true;
  const here = (id: string): boolean => keys.some(({ certificate }) => certificate?.id === id);
  const issue = { label: joint.issue, run: () => route.go("/joint/issue"), testid: "joint-issue" };
  return (
    <Screen
      name="joint"
      title={joint.title}
      lead={joint.lead}
      back="/menu"
      {...(book.may_issue ? { action: issue } : {})}
      foot={
        <>
          {book.may_issue && book.issuer.kind === "local" && (
            <Link to="/joint/program" class="button second" testid="joint-program">
              {joint.program.open}
            </Link>
          )}
          <Link to="/joint-check" class="button second" testid="joint-check">
            {joint.check}
          </Link>
          {demo && (
            <a href="/rp" class="button quiet" data-testid="joint-demo">
              {joint.demo}
            </a>
          )}
        </>
      }
    >
      <TestNote notice={book.issuer.notice} />
      {book.certificates.length === 0 && <p class="note">{joint.empty}</p>}
      {book.certificates.length > 0 && (
        <ul class="list" data-testid="joint-list">
          {book.certificates.map((one) => (
            <Row key={one.id} of={one} here={here(one.id)} />
          ))}
        </ul>
      )}
    </Screen>
  );
}

function Row({ of, here }: { readonly of: JointCertificate; readonly here: boolean }) {
  const joint = useJointWords();
  const { lang } = useWords();
  const active = of.state === "active";
  return (
    <li>
      <Link to={`/joint/${of.id}`} class="row" testid="joint-row">
        <span class="row-text">
          {nameIn(of.common_name)}
          <small class="mono">{of.common_name}</small>
          <small>{joint.until(moment.date(of.not_after, lang))}</small>
          {active && <small>{here ? joint.keyHere : joint.keyElsewhere}</small>}
        </span>
        <span class={`tag ${active ? "good" : "bad"}`}>{joint.states[of.state] ?? of.state}</span>
        <Icon name="next" class="chevron" />
      </Link>
    </li>
  );
}
