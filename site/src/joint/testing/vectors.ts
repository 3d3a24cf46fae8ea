import { readFileSync } from "node:fs";

import type { Bytes } from "../../crypto/bytes.ts";
import type { KeyForm } from "../keyFile.ts";

type File = {
  readonly seed: readonly {
    readonly key: string;
    readonly plain: string;
    readonly sealed: string;
  }[];
  readonly key_files: readonly {
    readonly form: KeyForm;
    readonly password: string;
    readonly salt: string;
    readonly iv: string;
    readonly plain: string;
    readonly file: string;
  }[];
  readonly vid: {
    readonly idn: string;
    readonly random: string;
    readonly content: string;
    readonly value: string;
  };
};

const path = new URL("../../../../tests/vectors/joint.json", import.meta.url);

/** tests/vectors/joint.json, which Python's side reads as well; bytes are spelled in hex. */
export const vectors = {
  joint: JSON.parse(readFileSync(path, "utf8")) as File,
  raw: (text: string): Bytes => new Uint8Array(Buffer.from(text, "hex")),
  hex: (value: Uint8Array): string => Buffer.from(value).toString("hex"),
};
