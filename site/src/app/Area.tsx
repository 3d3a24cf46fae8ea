import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { problem } from "../kit/problem.ts";
import { Screen } from "./parts/Screen.tsx";
import { Waiting } from "./parts/Waiting.tsx";
import type { Route } from "./state/route.ts";
import { useWords } from "./state/words.ts";

type Inside = ComponentType<{ readonly at: Route }>;
type Of = { readonly load: () => Promise<Inside>; readonly at: Route };

/** Loads an area's code on first entry. Its owner gives a new `key` for each area. */
export function Area({ load, at }: Of) {
  const words = useWords();
  const [found, setFound] = useState<{ readonly inside: Inside } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    void load().then(
      (inside) => setFound({ inside }),
      () => setFailed(true),
    );
  }, []);
  if (failed) {
    return (
      <Screen
        name="area-failed"
        title={words.name}
        problem={problem("offline")}
        action={{ label: words.again, run: () => location.reload() }}
      />
    );
  }
  if (found === null) return <Waiting />;
  return <found.inside at={at} />;
}
