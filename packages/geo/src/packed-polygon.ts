import { toE7, type Ring } from '@haulwatch/domain';

/**
 * A union of polygons on the 1e-7 degree lattice. The boundary belongs to the polygon (closed), holes' boundaries too.
 * Edges are straight in longitude and latitude, as RFC 7946 has them.
 */
export type PackedPolygons = {
  /** Ring after ring: x0, y0, x1, y1 ...; the closing position is left out. */
  readonly coordinates: Int32Array;
  /** Where each ring begins in `coordinates`, and one more for the end. */
  readonly ringStarts: Int32Array;
  /** Which ring is the first of each polygon, and one more for the end. */
  readonly polygonStarts: Int32Array;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
};

export function packPolygons(polygons: readonly (readonly Ring[])[]): PackedPolygons {
  const coordinates: number[] = [];
  const ringStarts: number[] = [];
  const polygonStarts: number[] = [];
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  for (const rings of polygons) {
    polygonStarts.push(ringStarts.length);
    for (const ring of rings) {
      ringStarts.push(coordinates.length);
      for (const [lonDeg, latDeg] of ring.slice(0, -1)) {
        const x = toE7(lonDeg);
        const y = toE7(latDeg);
        coordinates.push(x, y);
        minX = Math.min(minX, x);
        minY = Math.min(minY, y);
        maxX = Math.max(maxX, x);
        maxY = Math.max(maxY, y);
      }
    }
  }
  polygonStarts.push(ringStarts.length);
  ringStarts.push(coordinates.length);
  return {
    coordinates: Int32Array.from(coordinates),
    ringStarts: Int32Array.from(ringStarts),
    polygonStarts: Int32Array.from(polygonStarts),
    minX,
    minY,
    maxX,
    maxY,
  };
}

/** Whether the point lies in one of the polygons or on a boundary. Exact. */
export function polygonsContain(packed: PackedPolygons, x: number, y: number): boolean {
  if (x < packed.minX || x > packed.maxX || y < packed.minY || y > packed.maxY) return false;
  const polygons = packed.polygonStarts.length - 1;
  for (let polygon = 0; polygon < polygons; polygon += 1) {
    if (polygonContains(packed, packed.polygonStarts[polygon]!, packed.polygonStarts[polygon + 1]!, x, y)) return true;
  }
  return false;
}

/** Even-odd over the rings of one polygon, so that holes are outside; on any edge is inside. */
function polygonContains(packed: PackedPolygons, ringFrom: number, ringTo: number, x: number, y: number): boolean {
  const { coordinates, ringStarts } = packed;
  let inside = false;
  for (let ring = ringFrom; ring < ringTo; ring += 1) {
    const start = ringStarts[ring]!;
    const end = ringStarts[ring + 1]!;
    let ax = coordinates[end - 2]!;
    let ay = coordinates[end - 1]!;
    for (let i = start; i < end; i += 2) {
      const bx = coordinates[i]!;
      const by = coordinates[i + 1]!;
      if (ay > y !== by > y) {
        // The edge crosses the point's row: is the crossing right of the point, on it, or left of it?
        const side = orientation(ax, ay, bx, by, x, y);
        if (side === 0) return true;
        if (side > 0 === by > ay) inside = !inside;
      } else if (onFlatOrVertex(ax, ay, bx, by, x, y)) {
        return true;
      }
      ax = bx;
      ay = by;
    }
  }
  return inside;
}

/** The edge does not cross the row half-open; the point can still be its upper end or lie on it where it is level. */
function onFlatOrVertex(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  if (ay === y && by === y) return x >= Math.min(ax, bx) && x <= Math.max(ax, bx);
  return (ay === y && ax === x) || (by === y && bx === x);
}

/** Differences up to this many units multiply exactly in doubles: 2^26 units are 6.7 degrees. */
const exactSpanMax = 2 ** 26;

/** The sign of the doubled area of a, b, p: positive when p lies left of a-b. Exact for all of the lattice. */
function orientation(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const px = x - ax;
  const py = y - ay;
  if (Math.abs(dx) <= exactSpanMax && Math.abs(dy) <= exactSpanMax && Math.abs(px) <= exactSpanMax) {
    return dx * py - dy * px;
  }
  const det = BigInt(dx) * BigInt(py) - BigInt(dy) * BigInt(px);
  return det > 0n ? 1 : det < 0n ? -1 : 0;
}
