import type { Bytes } from "../../crypto/bytes.ts";
import type { Asked } from "../../joint/inspect.ts";
import { desk } from "../state/desk.ts";

/** The test CA's certificate and revocation list, which are public; null without a connection. */
export async function askAuthority(): Promise<Asked["authority"]> {
  const [der, list] = await Promise.all([file("/pki/joint/ca.crt"), file("/pki/joint/ca.crl")]);
  return der === null || list === null ? null : { der, list };
}

async function file(path: string): Promise<Bytes | null> {
  const asked = await desk.open<Blob>({ method: "GET", path, file: true });
  return asked.ok ? new Uint8Array(await asked.value.arrayBuffer()) : null;
}
