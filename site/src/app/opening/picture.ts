import type { Outcome } from "../../kit/outcome.ts";
import { done } from "../../kit/done.ts";
import { problem } from "../../kit/problem.ts";

const SIDE_MAX = 1600;
const QUALITY = 0.88;
const KINDS: ReadonlySet<string> = new Set(["image/jpeg", "image/png"]);

export type Shown = { readonly blob: Blob; readonly url: string };

/**
 * A picture made ready on the phone: turned upright, no larger than the bank keeps, saved anew, so
 * that place and time of the photograph never leave it. What the phone itself cannot read is refused
 * for the bank's reasons, by what the phone says that it is.
 */
export async function picture(file: File): Promise<Outcome<Shown>> {
  const reason = KINDS.has(file.type) ? "broken" : "type";
  const refused = problem("image_refused", 400, { reason });
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return refused;
  }
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((give) => canvas.toBlob(give, "image/jpeg", QUALITY));
  return blob === null ? refused : done({ blob, url: URL.createObjectURL(blob) });
}
