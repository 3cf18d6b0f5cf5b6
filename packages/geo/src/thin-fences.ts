import Flatbush from 'flatbush';
import { distanceToSegmentM, metresPerE7 } from './distance.ts';
import { partKind, type FenceGeometry, type FencePart } from './fence-parts.ts';
import { orientation } from './orientation.ts';

/** A fence narrower than what a truck at 125 km/h drives in a second can lie between two fixes of 1 Hz unseen. */
const thinMaxM = 35;

/** The thin parts of fences, in arrays. */
export type ThinFencesData = {
  readonly parts: readonly FencePart[];
  readonly xy: Int32Array;
  /** flatbush over the parts' boxes; undefined: there is none. */
  readonly boxes: ArrayBuffer | undefined;
};

/**
 * Fences that a vehicle can jump over between two fixes: those the way from one fix to the next touches are found by its
 * segment. Asked only when a vehicle has left its seat, and only where there are such fences.
 */
export class ThinFences {
  readonly parts: readonly FencePart[];
  readonly #xy: Int32Array;
  readonly #boxes: Flatbush | undefined;
  readonly byteLength: number;

  constructor({ parts, xy, boxes }: ThinFencesData) {
    this.parts = parts;
    this.#xy = xy;
    this.#boxes = boxes === undefined ? undefined : Flatbush.from(boxes);
    this.byteLength = xy.byteLength + (boxes?.byteLength ?? 0);
  }

  static gather(geometry: FenceGeometry): ThinFencesData {
    const thin = geometry.parts.filter((part) => widthM(geometry.xy.ints, part) < thinMaxM);
    if (thin.length === 0) return { parts: [], xy: new Int32Array(0), boxes: undefined };
    const boxes = new Flatbush(thin.length, 16, Float64Array);
    const xy: number[] = [];
    const parts = thin.map((part) => {
      boxes.add(part.minX, part.minY, part.maxX, part.maxY);
      const edgeRuns = part.edgeRuns.map(([from, to]): [number, number] => {
        const first = xy.length / 2;
        for (let i = 2 * from; i < 2 * to + 2; i += 1) xy.push(geometry.xy.ints[i] ?? 0);
        return [first, first + to - from];
      });
      return { ...part, edgeRuns };
    });
    boxes.finish();
    return { parts, xy: Int32Array.from(xy), boxes: boxes.data as ArrayBuffer };
  }

  get isEmpty(): boolean {
    return this.#boxes === undefined;
  }

  /** Adds the slots of the fences that the segment touches to the first `known` of `slots`, each once; returns how many there are. */
  crossed(ax: number, ay: number, bx: number, by: number, slots: Int32Array, known: number): number {
    if (this.#boxes === undefined) return known;
    let count = known;
    const near = this.#boxes.search(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by));
    for (const index of near) {
      const part = this.parts[index]!;
      if (count === slots.length || slots.subarray(0, count).includes(part.slot)) continue;
      if (this.#touches(part, ax, ay, bx, by)) slots[count++] = part.slot;
    }
    return count;
  }

  /** Whether the segment meets the boundary, or comes within reach of the line. A way that begins inside is for the index. */
  #touches(part: FencePart, ax: number, ay: number, bx: number, by: number): boolean {
    const xy = this.#xy;
    for (const [from, to] of part.edgeRuns) {
      for (let edge = from; edge < to; edge += 1) {
        const [cx, cy] = [xy[2 * edge]!, xy[2 * edge + 1]!];
        if (part.kind === partKind.circle) return distanceToSegmentM(ax, ay, bx, by, cx, cy) <= part.reachM;
        const [dx, dy] = [xy[2 * edge + 2]!, xy[2 * edge + 3]!];
        if (segmentsMeet(ax, ay, bx, by, cx, cy, dx, dy)) return true;
        if (part.kind === partKind.polygon) continue;
        const ends =
          Math.min(
            distanceToSegmentM(ax, ay, bx, by, cx, cy),
            distanceToSegmentM(ax, ay, bx, by, dx, dy),
            distanceToSegmentM(cx, cy, dx, dy, ax, ay),
            distanceToSegmentM(cx, cy, dx, dy, bx, by),
          ) <= part.reachM;
        if (ends) return true;
      }
    }
    return false;
  }
}

/** Whether two segments share a point, ends included. Exact. */
function segmentsMeet(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const c = Math.sign(orientation(ax, ay, bx, by, cx, cy));
  const d = Math.sign(orientation(ax, ay, bx, by, dx, dy));
  const a = Math.sign(orientation(cx, cy, dx, dy, ax, ay));
  const b = Math.sign(orientation(cx, cy, dx, dy, bx, by));
  if (c * d < 0 && a * b < 0) return true;
  return (
    (c === 0 && isBetween(ax, ay, bx, by, cx, cy)) ||
    (d === 0 && isBetween(ax, ay, bx, by, dx, dy)) ||
    (a === 0 && isBetween(cx, cy, dx, dy, ax, ay)) ||
    (b === 0 && isBetween(cx, cy, dx, dy, bx, by))
  );
}

/** Whether a point on the line of a segment lies on the segment. */
function isBetween(ax: number, ay: number, bx: number, by: number, px: number, py: number): boolean {
  return px >= Math.min(ax, bx) && px <= Math.max(ax, bx) && py >= Math.min(ay, by) && py <= Math.max(ay, by);
}

/** How wide a part is in the mean, in metres: twice its area over its circumference, which is the width of a long strip. */
function widthM(xy: Int32Array, part: FencePart): number {
  if (part.kind !== partKind.polygon) return 2 * part.reachM;
  const cosLat = Math.cos((((part.minY + part.maxY) / 2e7) * Math.PI) / 180);
  let area = 0;
  let length = 0;
  for (const [from, to] of part.edgeRuns.slice(0, 1)) {
    for (let edge = 2 * from; edge < 2 * to; edge += 2) {
      // From the first vertex on, so that the products stay small.
      const ax = (xy[edge]! - xy[2 * from]!) * cosLat;
      const ay = xy[edge + 1]! - xy[2 * from + 1]!;
      const bx = (xy[edge + 2]! - xy[2 * from]!) * cosLat;
      const by = xy[edge + 3]! - xy[2 * from + 1]!;
      area += ax * by - bx * ay;
      length += Math.hypot(bx - ax, by - ay);
    }
  }
  return length === 0 ? 0 : (Math.abs(area) / length) * metresPerE7;
}
