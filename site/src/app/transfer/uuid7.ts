/** RFC 9562 UUIDv7: 48 bits of milliseconds, then chance. The phone mints transfer ids. */
export function uuid7(now_ms: number, random: (length: number) => Uint8Array): string {
  const raw = new Uint8Array(random(16));
  for (let at = 0; at < 6; at += 1) raw[at] = Math.floor(now_ms / 2 ** (8 * (5 - at))) % 256;
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x70;
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
