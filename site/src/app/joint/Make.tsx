import { useState } from "preact/hooks";

import { keyring } from "../../joint/keyring.ts";
import { done } from "../../kit/done.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { route } from "../state/route.ts";
import { About } from "./About.tsx";
import { ChoosePassword } from "./ChoosePassword.tsx";
import { collect } from "./collect.ts";
import { Confirm } from "./Confirm.tsx";
import { JointDone } from "./JointDone.tsx";
import { Making } from "./Making.tsx";
import type { Requested } from "./requestKey.ts";
import { signRequest } from "./signRequest.ts";
import type { JointBook, JointCertificate, MakingOp } from "./wire.ts";

type Of = {
  readonly book: JointBook;
  readonly op: MakingOp;
  /** The one that is renewed or reissued; null for an issue. */
  readonly certificate: JointCertificate | null;
};

type Step =
  | { readonly at: "about" | "password" }
  | { readonly at: "making"; readonly password: string }
  | { readonly at: "confirm"; readonly asked: Requested }
  | { readonly at: "done"; readonly made: JointCertificate };

/** Issue, renewal and reissue: explained, a password, a key, the act, the PIN. */
export function Make({ book, op, certificate }: Of) {
  const [step, go] = useState<Step>({ at: "about" });
  const back = certificate === null ? "/joint" : `/joint/${certificate.id}`;
  switch (step.at) {
    case "about":
      return <About book={book} op={op} back={back} next={() => go({ at: "password" })} />;
    case "password":
      return (
        <ChoosePassword
          back={() => go({ at: "about" })}
          chosen={(password) => go({ at: "making", password })}
        />
      );
    case "making":
      return (
        <Making
          wish={{ book, op, certificateId: certificate?.id ?? null, password: step.password }}
          back={() => go({ at: "password" })}
          made={(asked) => go({ at: "confirm", asked })}
        />
      );
    case "confirm":
      return (
        <Confirm
          request={step.asked.request}
          sent={step.asked.sent}
          steps
          back={() => void keyring.remove(step.asked.key.id).then(() => route.replace(back))}
          sign={(pin) => finish(step.asked, pin)}
          signed={(made) => go({ at: "done", made })}
        />
      );
    case "done":
      return <JointDone op={op} until={step.made.not_after} />;
  }
}

/** The PIN, and then the certificate. What was signed is not signed a second time. */
async function finish(
  { request, key, sent }: Requested,
  pin: string,
): Promise<Outcome<JointCertificate>> {
  const signed = await signRequest(request, sent, pin);
  if (!signed.ok && signed.code !== "request_already_signed") return signed;
  const made = await collect(key);
  return made.ok ? done(made.value) : made;
}
