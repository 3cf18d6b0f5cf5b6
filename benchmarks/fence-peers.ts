import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import Flatbush from 'flatbush';
import { boxOf, featureOf, type FenceFeature, type LatticeFence } from './lattice-fence.ts';
import type { Box } from './jagged-tiles.ts';

/** Fences as turf takes them, made when they are first asked for: all of 100,000 would take half a gigabyte. */
class Features {
  readonly #fences: readonly LatticeFence[];
  readonly #made: (FenceFeature | undefined)[];

  constructor(fences: readonly LatticeFence[]) {
    this.#fences = fences;
    this.#made = fences.map(() => undefined);
  }

  holds(fence: number, place: [number, number]): boolean {
    const feature = (this.#made[fence] ??= featureOf(this.#fences[fence]!));
    return booleanPointInPolygon(place, feature);
  }
}

/** Answers which fences hold a point, ascending. */
export type FenceFinder = { fencesAt(x: number, y: number): number[] };

/** turf alone: every fence at every point, a look at its box first. */
export class LinearTurf implements FenceFinder {
  readonly #boxes: readonly Box[];
  readonly #features: Features;

  constructor(fences: readonly LatticeFence[]) {
    this.#boxes = fences.map(boxOf);
    this.#features = new Features(fences);
  }

  fencesAt(x: number, y: number): number[] {
    const place: [number, number] = [x, y];
    const found: number[] = [];
    for (const [fence, { minX, minY, maxX, maxY }] of this.#boxes.entries()) {
      if (x < minX || x > maxX || y < minY || y > maxY) continue;
      if (this.#features.holds(fence, place)) found.push(fence);
    }
    return found;
  }
}

/** The usual good way: an R-tree of the fences' boxes, and turf for those that are left. */
export class FlatbushTurf implements FenceFinder {
  readonly #tree: Flatbush;
  readonly #features: Features;

  constructor(fences: readonly LatticeFence[]) {
    this.#tree = new Flatbush(fences.length);
    for (const { minX, minY, maxX, maxY } of fences.map(boxOf)) this.#tree.add(minX, minY, maxX, maxY);
    this.#tree.finish();
    this.#features = new Features(fences);
  }

  fencesAt(x: number, y: number): number[] {
    const place: [number, number] = [x, y];
    const found = this.#tree.search(x, y, x, y).filter((fence) => this.#features.holds(fence, place));
    return found.sort((a, b) => a - b);
  }
}

export type CrossingTold = (vehicle: number, fence: number, entered: boolean) => void;

/** Who is inside what, as a set for each vehicle, and who came and went. The first sight of a vehicle is no event. */
export class PlainMembership {
  readonly #finder: FenceFinder;
  readonly #inside = new Map<number, Set<number>>();

  constructor(finder: FenceFinder) {
    this.#finder = finder;
  }

  move(vehicle: number, x: number, y: number, tell: CrossingTold): void {
    const now = new Set(this.#finder.fencesAt(x, y));
    const before = this.#inside.get(vehicle);
    this.#inside.set(vehicle, now);
    if (before === undefined) return;
    for (const fence of now) if (!before.has(fence)) tell(vehicle, fence, true);
    for (const fence of before) if (!now.has(fence)) tell(vehicle, fence, false);
  }

  insideOf(vehicle: number): number[] {
    return [...(this.#inside.get(vehicle) ?? [])];
  }
}
