import { useEffect, useState } from "preact/hooks";

import { desk } from "../state/desk.ts";
import { kept } from "../state/kept.ts";

/** What this phone holds: a certificate, and an issue that was not finished. Null while reading. */
export type Here = { readonly certificate: boolean; readonly unfinished: boolean };

export function useHere(): Here | null {
  const [here, setHere] = useState<Here | null>(null);
  useEffect(() => {
    void Promise.all([desk.record(), kept.read("enrolment")]).then(([record, token]) =>
      setHere({
        certificate: record?.credential != null,
        unfinished: typeof token === "string",
      }),
    );
  }, []);
  return here;
}
