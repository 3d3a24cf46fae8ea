import { moment } from "../../words/moment.ts";
import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { useTask } from "../parts/useTask.ts";
import { Waiting } from "../parts/Waiting.tsx";
import { signOut } from "../signOut.ts";
import { toHeading } from "../parts/toHeading.ts";
import { desk } from "../state/desk.ts";
import { useWords } from "../state/words.ts";
import type { SessionRow } from "../wire.ts";

/** Logins that are open now; each can be ended. */
export function Sessions() {
  const words = useWords();
  const { method } = words;
  const {
    value,
    problem: unread,
    reload,
  } = useLoad(() =>
    desk.mine<{ sessions: readonly SessionRow[] }>({ method: "GET", path: "/v1/sessions" }),
  );
  const { problem, run } = useTask();
  const end = ({ id, current }: SessionRow): void => {
    if (current) return signOut();
    run(
      () => desk.mine({ method: "DELETE", path: `/v1/sessions/${id}` }),
      () => {
        reload();
        toHeading();
      },
    );
  };
  return (
    <Screen
      name="sessions"
      title={method.sessionsTitle}
      lead={method.sessionsLead}
      back="/menu"
      problem={problem ?? unread}
    >
      {value === null && unread === null && <Waiting />}
      <ul class="list">
        {value?.sessions.map((row) => (
          <Line key={row.id} row={row} end={() => end(row)} />
        ))}
      </ul>
    </Screen>
  );
}

function Line({ row, end }: { readonly row: SessionRow; readonly end: () => void }) {
  const words = useWords();
  const { method, cert } = words;
  const what = cert.words[row.method] ?? row.method;
  return (
    <li class="row">
      <span class="row-text">
        {what} {row.current && <span class="tag good">{method.sessionNow}</span>}
        <small>{moment.full(row.created_at, words.lang)}</small>
        <small>{method.used(moment.full(row.last_used_at, words.lang))}</small>
      </span>
      <button
        type="button"
        class="button second small"
        aria-label={method.sessionEndLabel(what)}
        onClick={end}
        data-testid="session-end"
      >
        {method.sessionEnd}
      </button>
    </li>
  );
}
