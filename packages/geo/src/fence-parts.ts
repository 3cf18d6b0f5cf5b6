import { toE7, type FenceShape, type Ring } from '@haulwatch/domain';
import { earthRadiusM } from './distance.ts';
import { PackedInts } from './packed-ints.ts';

/** 360 degrees in lattice units. */
const turnE7 = 3_600_000_000;
const halfTurnE7 = turnE7 / 2;
const latticeMin = -(2 ** 31);
const latticeMax = 2 ** 31 - 1;

export const partKind = { polygon: 0, circle: 1, corridor: 2 } as const;

/**
 * One piece of a fence: a polygon with its holes, a circle, or a corridor. A fence is the union of its parts. Fences that
 * reach the antimeridian have each part twice, the second shifted by 360 degrees, so that no geometry is ever cut.
 */
export type FencePart = {
  /** Which fence it is of. */
  readonly slot: number;
  readonly kind: (typeof partKind)[keyof typeof partKind];
  /** First vertices of its edges: [from, to) pairs in `FenceGeometry.xy`. Edge e runs from vertex e to vertex e + 1. */
  readonly edgeRuns: readonly (readonly [number, number])[];
  /** Radius or half width in metres; 0 for a polygon. */
  readonly reachM: number;
  /** How far that is at most in lattice units. */
  readonly reachLonE7: number;
  readonly reachLatE7: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
};

/** What fences are made of, on the lattice, once for all of an index. */
export class FenceGeometry {
  /** Vertex i at 2 i and 2 i + 1. Rings are closed by their first vertex again. */
  readonly xy = new PackedInts(1 << 16);
  readonly parts: FencePart[] = [];

  /** Adds the parts of a shape. */
  add(slot: number, shape: FenceShape): void {
    switch (shape.kind) {
      case 'polygons':
        for (const rings of shape.polygons) this.#twice((dx) => this.#polygon(slot, rings, dx));
        break;
      case 'circle': {
        // Great-circle distances know no seam: the copy has the same centre, only its box lies elsewhere.
        const circle = this.#circle(slot, shape.centre, shape.radiusM);
        this.#twice((dx) => ({ ...circle, minX: circle.minX + dx, maxX: circle.maxX + dx }));
        break;
      }
      case 'corridor':
        this.#twice((dx) => this.#corridor(slot, shape.line, shape.halfWidthM, dx));
    }
  }

  /** Adds a part, and its copy on the other side where it reaches the antimeridian. */
  #twice(add: (shiftE7: number) => FencePart): void {
    const part = add(0);
    this.parts.push(part);
    if (part.maxX >= halfTurnE7) this.parts.push(add(-turnE7));
    if (part.minX <= -halfTurnE7) this.parts.push(add(turnE7));
  }

  #polygon(slot: number, rings: readonly Ring[], shiftE7: number): FencePart {
    const edgeRuns = rings.map((ring) => this.#line(ring, shiftE7));
    return { slot, kind: partKind.polygon, edgeRuns, reachM: 0, ...this.#box(edgeRuns, 0) };
  }

  /** A circle is its centre: one edge that nobody follows to its end. */
  #circle(slot: number, centre: readonly [number, number], reachM: number): FencePart {
    const [vertex] = this.#line([centre], 0);
    return {
      slot,
      kind: partKind.circle,
      edgeRuns: [[vertex, vertex + 1]],
      reachM,
      ...this.#box([[vertex, vertex]], reachM),
    };
  }

  #corridor(slot: number, line: readonly (readonly [number, number])[], reachM: number, shiftE7: number): FencePart {
    const edgeRuns = [this.#line(line, shiftE7)];
    return { slot, kind: partKind.corridor, edgeRuns, reachM, ...this.#box(edgeRuns, reachM) };
  }

  /** Appends vertices, those that repeat the one before left out; returns the first vertices of the edges. */
  #line(positions: readonly (readonly [number, number])[], shiftE7: number): readonly [number, number] {
    const from = this.xy.length / 2;
    let lastX = Number.NaN;
    let lastY = Number.NaN;
    for (const [lonDeg, latDeg] of positions) {
      const x = onLattice(toE7(lonDeg), shiftE7);
      const y = toE7(latDeg);
      if (x === lastX && y === lastY) continue;
      const at = this.xy.reserve(2);
      this.xy.ints[at] = x;
      this.xy.ints[at + 1] = y;
      lastX = x;
      lastY = y;
    }
    return [from, this.xy.length / 2 - 1];
  }

  #box(runs: readonly (readonly [number, number])[], reachM: number): Extent {
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [from, to] of runs) {
      for (let vertex = from; vertex <= to; vertex += 1) {
        const x = this.xy.ints[2 * vertex]!;
        const y = this.xy.ints[2 * vertex + 1]!;
        minX = Math.min(minX, x);
        minY = Math.min(minY, y);
        maxX = Math.max(maxX, x);
        maxY = Math.max(maxY, y);
      }
    }
    const { lon, lat } = reachE7(reachM, minY, maxY);
    const box = { minX: minX - lon, minY: minY - lat, maxX: maxX + lon, maxY: maxY + lat };
    return { reachLonE7: lon, reachLatE7: lat, ...box };
  }
}

type Extent = Pick<FencePart, 'reachLonE7' | 'reachLatE7' | 'minX' | 'minY' | 'maxX' | 'maxY'>;

/**
 * A vertex shifted to the other side may lie where no point can be; one off the 32-bit lattice is drawn to its rim. That
 * moves nothing on the earth: only fences that just touch the antimeridian reach so far from it (policies refuse others).
 */
function onLattice(x: number, shiftE7: number): number {
  if (shiftE7 === 0 && (x < latticeMin || x > latticeMax)) {
    throw new RangeError(`longitude ${x / 1e7}: a fence reaches at most to 210 degrees`);
  }
  return Math.max(latticeMin, Math.min(latticeMax, x + shiftE7));
}

/** How far so many metres reach at most in lattice units, between two latitudes. */
function reachE7(reachM: number, minY: number, maxY: number): { lon: number; lat: number } {
  if (reachM === 0) return { lon: 0, lat: 0 };
  const latDeg = (reachM / earthRadiusM) * (180 / Math.PI);
  const outermostDeg = Math.max(Math.abs(minY), Math.abs(maxY)) / 1e7 + latDeg;
  const cosLat = Math.cos((Math.min(outermostDeg, 90) * Math.PI) / 180);
  const lonDeg = cosLat > 0.001 ? latDeg / cosLat : 180;
  return { lon: toE7(lonDeg) + 1, lat: toE7(latDeg) + 1 };
}
