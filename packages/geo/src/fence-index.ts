import { toE7, type FenceShape } from '@haulwatch/domain';
import { distanceM, earthRadiusM } from './distance.ts';
import { packPolygons, polygonsContain, type PackedPolygons } from './packed-polygon.ts';

/** Cells are 2^17 lattice units wide: 0.0131 degrees, about 1.2 km in Shanghai. */
const cellShift = 17;
/** A fence over more cells than this is tried at every point instead of being listed in each cell: bounds memory. */
const cellsPerFenceMax = 16_384;
/** Fences that one point can lie in; beyond it the rest is not reported and `overflows` counts it. */
export const hitsMax = 256;

type Circle = { readonly x: number; readonly y: number; readonly radiusM: number };
type Box = { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number };
type Compiled = { readonly box: Box; readonly polygons?: PackedPolygons; readonly circle?: Circle };

/**
 * Answers which fences hold a point. Fences are numbered as they were given; boundaries are closed.
 * Built once for a policy version and never changed.
 */
export class FenceIndex {
  readonly size: number;
  /** Points that lay in more than `hitsMax` fences. */
  overflows = 0;
  readonly #fences: readonly Compiled[];
  readonly #cells = new Map<number, number[]>();
  readonly #everywhere: number[] = [];

  constructor(shapes: readonly FenceShape[]) {
    this.size = shapes.length;
    this.#fences = shapes.map(compile);
    this.#fences.forEach((fence, id) => this.#list(fence.box, id));
  }

  /** Writes the numbers of the fences that hold the point into `hits` (at least `hitsMax` long), ascending; returns how many. */
  fencesAt(lonE7: number, latE7: number, hits: Int32Array): number {
    let count = 0;
    const listed = this.#cells.get(cellKey(lonE7 >> cellShift, latE7 >> cellShift));
    if (listed !== undefined) {
      for (const id of listed) {
        if (!contains(this.#fences[id]!, lonE7, latE7)) continue;
        if (count < hitsMax) hits[count++] = id;
        else this.overflows += 1;
      }
    }
    for (const id of this.#everywhere) {
      if (!contains(this.#fences[id]!, lonE7, latE7)) continue;
      if (count < hitsMax) hits[count++] = id;
      else this.overflows += 1;
    }
    if (count > 1 && this.#everywhere.length > 0) hits.subarray(0, count).sort();
    return count;
  }

  #list(box: Box, id: number): void {
    const x0 = box.minX >> cellShift;
    const x1 = box.maxX >> cellShift;
    const y0 = box.minY >> cellShift;
    const y1 = box.maxY >> cellShift;
    if ((x1 - x0 + 1) * (y1 - y0 + 1) > cellsPerFenceMax) {
      this.#everywhere.push(id);
      return;
    }
    for (let y = y0; y <= y1; y += 1) {
      for (let x = x0; x <= x1; x += 1) {
        const key = cellKey(x, y);
        const listed = this.#cells.get(key);
        if (listed === undefined) this.#cells.set(key, [id]);
        else listed.push(id);
      }
    }
  }
}

/** Lattice coordinates are below 2^31 in size, so cells are below 2^14 either way. */
function cellKey(cellX: number, cellY: number): number {
  return (cellX + 0x4000) * 0x8000 + (cellY + 0x4000);
}

function contains(fence: Compiled, x: number, y: number): boolean {
  const { box } = fence;
  if (x < box.minX || x > box.maxX || y < box.minY || y > box.maxY) return false;
  if (fence.polygons !== undefined) return polygonsContain(fence.polygons, x, y);
  const circle = fence.circle!;
  return distanceM(circle.x, circle.y, x, y) <= circle.radiusM;
}

function compile(shape: FenceShape): Compiled {
  if (shape.kind === 'polygons') {
    const polygons = packPolygons(shape.polygons);
    return { box: polygons, polygons };
  }
  const circle = { x: toE7(shape.centre[0]), y: toE7(shape.centre[1]), radiusM: shape.radiusM };
  const latDeg = (shape.radiusM / earthRadiusM) * (180 / Math.PI);
  const cosLat = Math.cos(((Math.abs(shape.centre[1]) + latDeg) * Math.PI) / 180);
  const lonDeg = cosLat > 0.001 ? latDeg / cosLat : 180;
  const dx = toE7(lonDeg) + 1;
  const dy = toE7(latDeg) + 1;
  return { box: { minX: circle.x - dx, minY: circle.y - dy, maxX: circle.x + dx, maxY: circle.y + dy }, circle };
}
