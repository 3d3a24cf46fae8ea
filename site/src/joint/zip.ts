import { bytes, type Bytes } from "../crypto/bytes.ts";

export type ZipFile = { readonly name: string; readonly content: Bytes };

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8_NAMES = 1 << 11;
const STORED = 0;
const DEFLATED = 8;
const MAY_READ = 0o100600;

/** A certificate folder is some kilobytes; more is not what it says it is. */
const FILES_MAX = 64;
const BYTES_MAX = 1_000_000;

/** ZIP (APPNOTE 6.3): written without compression and with UTF-8 names, read with either. */
export const zip = {
  /** `when` is the date the files bear, in milliseconds since 1970. */
  write(files: readonly ZipFile[], when: number): Bytes {
    const locals: Uint8Array[] = [];
    const centrals: Uint8Array[] = [];
    let at = 0;
    for (const file of files) {
      const name = bytes.utf8(file.name.normalize("NFC"));
      const common = header(file.content, name, when);
      const local = bytes.concat(u32(LOCAL), u16(20), common, name, file.content);
      const tail = [u16(0), u16(0), u16(0), u32(MAY_READ * 65536), u32(at), name];
      locals.push(local);
      centrals.push(bytes.concat(u32(CENTRAL), u16(0x0314), u16(20), common, ...tail));
      at += local.length;
    }
    const directory = bytes.concat(...centrals);
    const counts = [u16(files.length), u16(files.length), u32(directory.length), u32(at)];
    return bytes.concat(...locals, directory, u32(END), u16(0), u16(0), ...counts, u16(0));
  },

  /** The files in it; null when it is no ZIP that we can read, or too large. */
  async read(raw: Uint8Array): Promise<readonly ZipFile[] | null> {
    try {
      return await Promise.all(entries(raw).map((entry) => unpacked(raw, entry)));
    } catch {
      return null;
    }
  },
};

function header(content: Uint8Array, name: Uint8Array, when: number): Bytes {
  const [time, date] = dosTime(when);
  const sizes = [u32(crc32(content)), u32(content.length), u32(content.length)];
  return bytes.concat(
    u16(UTF8_NAMES),
    u16(STORED),
    u16(time),
    u16(date),
    ...sizes,
    u16(name.length),
    u16(0),
  );
}

type Entry = {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
};

/** The central directory, which is what counts. */
function entries(raw: Uint8Array): readonly Entry[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > FILES_MAX) throw new RangeError("too many files");
  let at = view.getUint32(end + 16, true);
  const found = Array.from({ length: count }, () => {
    if (view.getUint32(at, true) !== CENTRAL) throw new RangeError("no entry");
    const [nameSize = 0, extra = 0, comment = 0] = [28, 30, 32].map((n) =>
      view.getUint16(at + n, true),
    );
    const name = raw.subarray(at + 46, at + 46 + nameSize);
    const entry = {
      name: nameOf(name, (view.getUint16(at + 8, true) & UTF8_NAMES) !== 0),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    };
    at += 46 + nameSize + extra + comment;
    return entry;
  }).filter(({ name }) => !name.endsWith("/"));
  if (found.reduce((sum, { size }) => sum + size, 0) > BYTES_MAX) throw new RangeError("too large");
  return found;
}

function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65_557); at -= 1) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new RangeError("no end of central directory");
}

/** Old Korean programs write CP949 without a flag. */
function nameOf(raw: Uint8Array, flagged: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw).normalize("NFC");
  } catch {
    if (flagged) throw new RangeError("a name is not UTF-8");
    return new TextDecoder("euc-kr").decode(raw);
  }
}

async function unpacked(raw: Uint8Array, entry: Entry): Promise<ZipFile> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  if (view.getUint32(entry.at, true) !== LOCAL) throw new RangeError("no file");
  const start =
    entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
  const packed = raw.slice(start, start + entry.packed);
  const known = entry.method === STORED || entry.method === DEFLATED;
  if (!known || packed.length !== entry.packed) throw new RangeError("packed otherwise");
  const content = entry.method === STORED ? packed : await inflated(packed, entry.size);
  const right = content.length === entry.size && crc32(content) === entry.crc;
  if (!right) throw new RangeError("the file is damaged");
  return { name: entry.name, content };
}

/** Stops where the directory says that the file ends: a bomb does not go off. */
async function inflated(packed: Bytes, size: number): Promise<Bytes> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  for (let have = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return bytes.concat(...parts);
    have += value.length;
    if (have > size) {
      await reader.cancel();
      throw new RangeError("larger than it says");
    }
    parts.push(value);
  }
}

function crc32(raw: Uint8Array): number {
  let crc = -1;
  for (const byte of raw) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function dosTime(when: number): readonly [number, number] {
  const at = new Date(when);
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return [
    time,
    ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  ];
}

const u16 = (value: number): Bytes => Uint8Array.of(value & 255, value >> 8);
const u32 = (value: number): Bytes => bytes.concat(u16(value & 65535), u16(value >>> 16));
