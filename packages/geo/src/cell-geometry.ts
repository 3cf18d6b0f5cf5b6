import { distanceM, distanceToSegmentM, metresPerE7 } from './distance.ts';
import { partKind, type FenceGeometry, type FencePart } from './fence-parts.ts';

/** What an edge, or the circle or corridor that it stands for, has to do with a cell. */
export const cellSide = { outside: 0, passes: 1, holdsAll: 2 } as const;
export type CellSide = (typeof cellSide)[keyof typeof cellSide];

/**
 * Which side of an edge of a part a cell is on. Errs towards `passes` alone: an edge too many in a cell costs time, one too
 * few would be a wrong answer.
 */
export function sideOfCell(
  geometry: FenceGeometry,
  part: FencePart,
  edge: number,
  x0: number,
  y0: number,
  size: number,
): CellSide {
  const xy = geometry.xy.ints;
  const ax = xy[2 * edge]!;
  const ay = xy[2 * edge + 1]!;
  const half = size / 2;
  const middleX = x0 + half;
  const middleY = y0 + half;
  if (part.kind === partKind.polygon) {
    return edgePasses(ax, ay, xy[2 * edge + 2]!, xy[2 * edge + 3]!, middleX, middleY, half + 1)
      ? cellSide.passes
      : cellSide.outside;
  }
  const distance =
    part.kind === partKind.circle
      ? distanceM(ax, ay, middleX, middleY)
      : distanceToSegmentM(ax, ay, xy[2 * edge + 2]!, xy[2 * edge + 3]!, middleX, middleY);
  // A unit eastward is at most as long as one northward. The slack covers what distances to segments err far away.
  const cornerM = half * Math.SQRT2 * metresPerE7 + 0.01 + distance * 1e-3;
  if (distance + cornerM <= part.reachM) return cellSide.holdsAll;
  return distance - cornerM > part.reachM ? cellSide.outside : cellSide.passes;
}

/** Whether an edge comes within `half` of the middle in both directions: bounding boxes, then the edge's own normal. */
function edgePasses(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  middleX: number,
  middleY: number,
  half: number,
): boolean {
  if (ax < middleX - half && bx < middleX - half) return false;
  if (ax > middleX + half && bx > middleX + half) return false;
  if (ay < middleY - half && by < middleY - half) return false;
  if (ay > middleY + half && by > middleY + half) return false;
  const dx = bx - ax;
  const dy = by - ay;
  const area = Math.abs(dx * (middleY - ay) - dy * (middleX - ax));
  return area <= (Math.abs(dx) + Math.abs(dy)) * (half + 1) * (1 + 1e-9);
}
