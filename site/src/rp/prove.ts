import { b64u } from "../crypto/b64u.ts";
import { keyFile } from "../joint/keyFile.ts";
import { rsa } from "../joint/rsa.ts";
import { signedData } from "../joint/signedData.ts";
import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import type { Answer, Challenge } from "./bank.ts";
import type { Candidate } from "./candidates.ts";

/**
 * Signs what is shown, with the key that the password opens. R goes sealed to the relying party's
 * own key: with R it can tell whether the number belongs to the certificate, and nobody on the way
 * can.
 */
export async function prove(
  challenge: Challenge,
  { certificate, file }: Candidate,
  { password, number }: { readonly password: string; readonly number: string },
): Promise<Outcome<Answer>> {
  const opened = keyFile.open(file, password);
  if (!opened.ok) return opened;
  const { pkcs8, random } = opened.value;
  if (random === null) return problem("joint_no_random");
  const key = await rsa.signingKey(pkcs8);
  pkcs8.fill(0);
  const content = b64u.decode(challenge.content);
  const signed = await signedData({ content, certificate, key, now: Date.now() });
  const sealedRandom = await rsa.sealTo(b64u.decode(challenge.encryption.spki), random);
  random.fill(0);
  return done({ signed, sealedRandom, number });
}
