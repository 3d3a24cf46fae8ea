import type { RegistrationAnswer } from "./wire.ts";

/**
 * What makes a key and enrols it with OpenSSL 3, to be typed as it stands. The subject is the
 * bank's to say, whatever is asked for.
 */
export function cmpCommands({ reference, code, url }: RegistrationAnswer): string {
  return [
    "openssl genrsa -out new.key 2048",
    `openssl cmp -cmd ir -server ${url} -recipient /CN=CA -ref ${reference} ` +
      `-secret pass:${code} -newkey new.key -subject /CN=anybody -certout new.pem`,
  ].join("\n");
}
