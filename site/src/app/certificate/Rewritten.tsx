import { b64u } from "../../crypto/b64u.ts";
import { treeHead, type TreeHead } from "../../crypto/treeHead.ts";
import { done } from "../../kit/done.ts";
import { moment } from "../../words/moment.ts";
import { Facts } from "../parts/Facts.tsx";
import { Link } from "../parts/Link.tsx";
import { save } from "../parts/save.ts";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { bank } from "../state/bank.ts";
import { useCell } from "../state/cell.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";

const askLog = async () => done((await desk.record())?.log ?? null);

/** The bank's history was rewritten: both heads as evidence, whom to call, nothing else. */
export function Rewritten() {
  const { log, hotline, menus } = useWords();
  const info = useCell(bank.cell);
  const { value } = useLoad(askLog);
  const keep = (): void => {
    const heads = [value?.head ?? null, value?.refused ?? null];
    const [kept, shown] = heads.map((one) => one && treeHead.plain(one));
    const key = value === null ? null : b64u.encode(value.key);
    const content = JSON.stringify({ log: value?.log ?? null, key, kept, shown }, null, 1);
    save("dojang-evidence.json", "application/json", content);
  };
  return (
    <Screen
      name="rewritten"
      title={log.rewrittenTitle}
      lead={log.rewrittenLead}
      action={{ label: log.save, run: keep, danger: true, testid: "save-evidence" }}
      foot={
        <Link to="/loss" class="button second">
          {menus.loss}
        </Link>
      }
    >
      <div class="failure" role="alert" data-testid="history-rewritten">
        <p>
          <strong>{log.rewrittenTodo}</strong>
        </p>
        {info !== null && (
          <p>
            {hotline} {info.hotline}
          </p>
        )}
      </div>
      {value === null && <Waiting />}
      {value !== null && (
        <div class="cards">
          <Head title={log.kept} of={value.head} />
          <Head title={log.shown} of={value.refused} />
        </div>
      )}
    </Screen>
  );
}

function Head({ title, of }: { readonly title: string; readonly of: TreeHead | null }) {
  const words = useWords();
  const { log } = words;
  return (
    <section class="card">
      <h2>{title}</h2>
      {of === null && <p>{log.notShown}</p>}
      {of !== null && (
        <Facts
          of={[
            [log.size, log.sizeOf(of.size)],
            [log.signedAt, moment.full(of.at, words.lang)],
            [log.root, <span class="mono">{b64u.encode(of.root)}</span>],
          ]}
        />
      )}
    </section>
  );
}
