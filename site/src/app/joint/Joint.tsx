import { Screen } from "../parts/Screen.tsx";
import { useLoad } from "../parts/useLoad.ts";
import { Waiting } from "../parts/Waiting.tsx";
import type { Route } from "../state/route.ts";
import { NotFound } from "../home/NotFound.tsx";
import { askJoint, type Joint as Known } from "./askJoint.ts";
import { Book } from "./Book.tsx";
import { Export } from "./Export.tsx";
import { Make } from "./Make.tsx";
import { One } from "./One.tsx";
import { Program } from "./Program.tsx";
import { Revoke } from "./Revoke.tsx";
import { useJointWords } from "./useJointWords.ts";

/** The area of the joint certificate: the list, one of them, and what one does with it. */
export function Joint({ at }: { readonly at: Route }) {
  const joint = useJointWords();
  const { value, problem } = useLoad(askJoint, at.join("/"));
  if (value === null) {
    return (
      <Screen name="joint-loading" title={joint.title} back="/menu" problem={problem}>
        {problem === null && <Waiting />}
      </Screen>
    );
  }
  return <Inside at={at} of={value} />;
}

function Inside({ at, of }: { readonly at: Route; readonly of: Known }) {
  const [, id, what] = at;
  if (id === undefined) return <Book of={of} />;
  if (id === "issue") return <Make book={of.book} op="issue" certificate={null} />;
  if (id === "program") return <Program book={of.book} />;
  const found = of.book.certificates.find((one) => one.id === id);
  if (found === undefined) return <NotFound />;
  const key = of.keys.find(({ certificate }) => certificate?.id === id) ?? null;
  if (what === "renew" || what === "reissue") {
    return <Make key={what} book={of.book} op={what} certificate={found} />;
  }
  if (what === "revoke") return <Revoke of={found} />;
  if (what === "export") return <Export of={found} held={key} />;
  return <One of={found} here={key !== null} />;
}
