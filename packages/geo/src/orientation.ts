/**
 * Differences up to this many units multiply exactly in doubles: 2^26 units are 6.7 degrees. An edge up to half of that is
 * short: whatever point of a cell that it passes is asked for, `shortOrientation` is exact.
 */
const exactSpanMax = 2 ** 26;
export const shortSpanMax = exactSpanMax / 2;

/** The doubled area of a, b, p: positive when p lies left of a-b, 0 when it lies on their line. Exact for short edges near p. */
export function shortOrientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  return (bx - ax) * (py - ay) - (by - ay) * (px - ax);
}

/** The sign of the same, exact for all of the lattice: where doubles do not hold the products, whole numbers of any size do. */
export function orientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  // One by one, for nearly all are short: which of them is the largest nobody can predict.
  const isShort =
    Math.abs(bx - ax) <= exactSpanMax &&
    Math.abs(by - ay) <= exactSpanMax &&
    Math.abs(px - ax) <= exactSpanMax &&
    Math.abs(py - ay) <= exactSpanMax;
  return isShort ? shortOrientation(ax, ay, bx, by, px, py) : longOrientation(ax, ay, bx, by, px, py);
}

function longOrientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  return Number(BigInt(bx - ax) * BigInt(py - ay) - BigInt(by - ay) * BigInt(px - ax));
}

/**
 * How a cell knows what lies in it. Each cell has a reference point Q0, a hair left of and two hairs above its corner
 * (x0, y0), so that no vertex and no edge ever hits it, and knows for each fence whether Q0 is inside. A point p of the
 * cell is reached from Q0 by a path that stays in the cell: up along x0, then right along p's row. Inside flips with
 * each edge that the path crosses, so only edges of the cell matter. The two functions say whether an edge crosses one
 * leg. A hair (left) is infinitely smaller than two hairs (above); that decides where a test gives 0.
 */

/** Whether the edge a-b crosses the upward leg, from Q0 above (x0, y0) to the row of y. */
export function crossesColumn(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  x0: number,
  y0: number,
  y: number,
): boolean {
  if (ax >= x0 === bx >= x0) return false;
  const rightward = bx > ax;
  const atEnd = orientation(ax, ay, bx, by, x0, y);
  if (rightward ? atEnd < 0 : atEnd > 0) return false;
  const atStart = orientation(ax, ay, bx, by, x0, y0);
  return rightward ? atStart < 0 : atStart > 0;
}

/** Whether the edge a-b, which crosses the row of y, crosses it right of the leg's start at x0. */
export function crossesRowRightOf(ax: number, ay: number, bx: number, by: number, x0: number, y: number): boolean {
  const isRightA = ax >= x0;
  const isRightB = bx >= x0;
  if (isRightA && isRightB) return true;
  if (!isRightA && !isRightB) return false;
  const upward = by > ay;
  const side = orientation(ax, ay, bx, by, x0, y);
  if (side === 0) return upward === bx > ax;
  return upward === side > 0;
}
