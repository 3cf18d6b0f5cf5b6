import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { point, polygon } from '@turf/helpers';
import { fromE7, toE7, type FenceShape, type Ring } from '@haulwatch/domain';
import { hitsMax, type FenceIndex } from './fence-index.ts';

/** Whole numbers from a seed: mulberry32 (Tommy Ettinger, public domain). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From `min` to `max`, both included. */
  between(min: number, max: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return min + Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (max - min + 1));
  }
}

type Place = readonly [number, number];
type LatticeRing = readonly Place[];
/** Polygons, each an outer ring and holes, on the lattice, first vertex repeated at the end. */
export type LatticeFence = readonly (readonly LatticeRing[])[];

/** A ring round a centre at so many directions, which never lie 180 degrees apart: simple, concave, and scaled down a hole of itself. */
function star(dice: Dice, x: number, y: number, radius: number, corners: number): Place[] {
  return Array.from({ length: corners }, (_, i): Place => {
    const angle = (2 * Math.PI * (i + dice.between(0, 400) / 1_000)) / corners;
    const reach = radius * (0.4 + dice.between(0, 600) / 1_000);
    return [x + Math.round(reach * Math.cos(angle)), y + Math.round(reach * Math.sin(angle))];
  });
}

function closed(ring: readonly Place[]): LatticeRing {
  return [...ring, ring[0]!];
}

/** Fences of all kinds round a centre: plain, with a hole, of several parts that overlap or touch. */
export function makeFences(dice: Dice, count: number, centre: Place, span: number, radiusMax: number): LatticeFence[] {
  return Array.from({ length: count }, () => {
    const x = centre[0] + dice.between(-span, span);
    const y = centre[1] + dice.between(-Math.floor(span / 2), Math.floor(span / 2));
    const radius = dice.between(Math.floor(radiusMax / 50) + 8, radiusMax);
    const outer = star(dice, x, y, radius, dice.between(3, 40));
    const hole = outer.map(([px, py]): Place => [x + Math.round((px - x) * 0.3), y + Math.round((py - y) * 0.3)]);
    const [fromX, fromY] = outer[0]!;
    const second = star(dice, fromX, fromY, Math.floor(radius / 2), dice.between(3, 9));
    const kinds: LatticeFence[] = [
      [[closed(outer)]],
      [[closed(outer), closed(hole)]],
      [[closed(outer)], [closed(second)]],
      [[closed(outer), closed(hole)], [closed(second)]],
    ];
    return kinds[dice.between(0, 3)]!;
  });
}

/** Tiles that share their borders and corners exactly. */
export function makeTiles(dice: Dice, columns: number, [x0, y0]: Place, width: number): LatticeFence[] {
  const corner = Array.from({ length: (columns + 1) ** 2 }, (_, i): Place => {
    const jitter = (): number => dice.between(-Math.floor(width / 4), Math.floor(width / 4));
    return [x0 + (i % (columns + 1)) * width + jitter(), y0 + Math.floor(i / (columns + 1)) * width + jitter()];
  });
  return Array.from({ length: columns ** 2 }, (_, i) => {
    const at = Math.floor(i / columns) * (columns + 1) + (i % columns);
    return [[closed([corner[at]!, corner[at + 1]!, corner[at + columns + 2]!, corner[at + columns + 1]!])]];
  });
}

/** So many wedges that meet in one point. */
export function makeFan(count: number, [x, y]: Place, radius: number): LatticeFence[] {
  const rim = (i: number): Place => {
    const angle = (2 * Math.PI * i) / count;
    return [x + Math.round(radius * Math.cos(angle)), y + Math.round(radius * Math.sin(angle))];
  };
  return Array.from({ length: count }, (_, i) => [[closed([[x, y], rim(i), rim(i + 1)])]]);
}

export function shapeOf(fence: LatticeFence): FenceShape {
  const ring = (places: LatticeRing): Ring => places.map(([x, y]) => [fromE7(x), fromE7(y)]);
  return { kind: 'polygons', polygons: fence.map((rings) => rings.map(ring)) };
}

/** turf on whole lattice numbers: exact, because its orientation test is robust. Longitudes beside each other by 360 degrees. */
export class TurfOracle {
  readonly #parts: readonly {
    readonly fence: number;
    readonly polygon: ReturnType<typeof polygon>;
    readonly box: readonly [number, number, number, number];
  }[];
  readonly #shifts: readonly number[];

  constructor(fences: readonly LatticeFence[], overAntimeridian = false) {
    this.#shifts = overAntimeridian ? [0, 3_600_000_000, -3_600_000_000] : [0];
    this.#parts = fences.flatMap((polygons, fence) =>
      polygons.map((rings) => {
        const xs = rings[0]!.map(([x]) => x);
        const ys = rings[0]!.map(([, y]) => y);
        const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
        return { fence, polygon: polygon(rings.map((ring) => ring.map(([x, y]) => [x, y]))), box };
      }),
    );
  }

  fencesAt(x: number, y: number): number[] {
    const held = new Set<number>();
    for (const { fence, polygon: part, box } of this.#parts) {
      for (const shift of this.#shifts) {
        const at = x + shift;
        if (at < box[0] || at > box[2] || y < box[1] || y > box[3] || held.has(fence)) continue;
        if (booleanPointInPolygon(point([at, y]), part)) held.add(fence);
      }
    }
    return [...held].sort((a, b) => a - b);
  }
}

/** Points that hurt: anywhere, on vertices, exactly on edges, 2 cm beside them, on a vertex's row or column. */
export function pointNear(dice: Dice, fences: readonly LatticeFence[], centre: Place, span: number): Place {
  const rings = fences[dice.between(0, fences.length - 1)]!;
  const part = rings[dice.between(0, rings.length - 1)]!;
  const ring = part[dice.between(0, part.length - 1)]!;
  const i = dice.between(0, ring.length - 2);
  const [[ax, ay], [bx, by]] = [ring[i]!, ring[i + 1]!];
  const kind = dice.between(0, 99);
  if (kind < 45) return [centre[0] + dice.between(-span, span), centre[1] + dice.between(-span, span)];
  if (kind < 55) return [ax, ay];
  if (kind < 65)
    return dice.between(0, 1) === 0 ? [ax, by + dice.between(-span, span)] : [bx + dice.between(-span, span), ay];
  const steps = greatestDivisor(Math.abs(bx - ax), Math.abs(by - ay));
  const step = dice.between(0, steps);
  const onEdge: Place = steps === 0 ? [ax, ay] : [ax + ((bx - ax) / steps) * step, ay + ((by - ay) / steps) * step];
  if (kind < 80) return onEdge;
  const along = dice.between(0, 1_000) / 1_000;
  const [x, y] = [Math.round(ax + (bx - ax) * along), Math.round(ay + (by - ay) * along)];
  return [x + dice.between(-2, 2), y + dice.between(-2, 2)];
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

const hits = new Int32Array(hitsMax);

export function indexSays(index: FenceIndex, x: number, y: number): number[] {
  return [...hits.subarray(0, index.fencesAt(x, y, hits))];
}

/** The lattice has what degrees can tell: a shape's degrees come back as the numbers they were. */
export function isOnLattice(fence: LatticeFence): boolean {
  return fence.flat(2).every(([x, y]) => toE7(fromE7(x)) === x && toE7(fromE7(y)) === y);
}
