/** Node numbers 0-8, row by row, in the order drawn. */
export type Pattern = readonly number[];
export type PatternReason = "fewer_than_four";

const NODES_MIN = 4;

/** The 3x3 pattern; one rule for finger, tap and keyboard (PROTOCOL 1). */
export const pattern = {
  /**
   * The pattern with `node` added, and before it the unvisited node the line passes over. A node
   * that was visited already changes nothing.
   */
  extend(drawn: Pattern, node: number): Pattern {
    if (!Number.isInteger(node) || node < 0 || node > 8) throw new RangeError("nodes are 0 to 8");
    if (drawn.includes(node)) return drawn;
    const between = passedOver(drawn.at(-1), node);
    return between === null || drawn.includes(between)
      ? [...drawn, node]
      : [...drawn, between, node];
  },

  refusal: (drawn: Pattern): PatternReason | null =>
    drawn.length < NODES_MIN ? "fewer_than_four" : null,

  /** The secret itself, for example "0-1-2-5". */
  text: (drawn: Pattern): string => drawn.join("-"),
};

/** The node exactly in the middle of two others, or null. */
function passedOver(from: number | undefined, to: number): number | null {
  if (from === undefined) return null;
  const row = (Math.floor(from / 3) + Math.floor(to / 3)) / 2;
  const column = ((from % 3) + (to % 3)) / 2;
  return Number.isInteger(row) && Number.isInteger(column) ? row * 3 + column : null;
}
