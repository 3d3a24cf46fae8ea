import { done } from "../kit/done.ts";
import type { Outcome } from "../kit/outcome.ts";
import { problem } from "../kit/problem.ts";
import { zip, type ZipFile } from "./zip.ts";

const BYTES_MAX = 1_000_000;
const FILES_MAX = 64;

/** What a customer chose: one ZIP, or the files of a folder with their paths. */
export async function chosenFiles(list: FileList): Promise<Outcome<readonly ZipFile[]>> {
  const files = [...list];
  const [first] = files;
  const size = files.reduce((sum, one) => sum + one.size, 0);
  if (first === undefined || files.length > FILES_MAX || size > BYTES_MAX) {
    return problem("joint_zip_unreadable");
  }
  if (files.length === 1 && first.name.toLowerCase().endsWith(".zip")) {
    const found = await zip.read(new Uint8Array(await first.arrayBuffer()));
    return found === null ? problem("joint_zip_unreadable") : done(found);
  }
  return done(await Promise.all(files.map(read)));
}

/** File systems may spell a name decomposed; certificates do not. */
async function read(file: File): Promise<ZipFile> {
  const name = (file.webkitRelativePath || file.name).normalize("NFC");
  return { name, content: new Uint8Array(await file.arrayBuffer()) };
}
