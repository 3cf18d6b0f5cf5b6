import { toE7 } from '@haulwatch/domain';
import type { HotSpot } from './crowd.ts';
import { makeSites } from './fence-sites.ts';
import { jaggedTiles, type Box } from './jagged-tiles.ts';
import type { LatticeFence } from './lattice-fence.ts';
import { Random } from './random.ts';

/** Fences as a city has them, on the 1e-7 lattice. The first `tiles` of them cut the area into districts, and then into towns. */
export type FenceWorld = {
  readonly fences: readonly LatticeFence[];
  readonly tiles: number;
  readonly area: Box;
  readonly hotSpots: readonly HotSpot[];
};

export type FenceWorldOptions = { readonly fences: number; readonly vertices: number; readonly seed: number };

/** Shanghai and around: 133 x 144 km. */
const area: Box = { minX: toE7(120.8), minY: toE7(30.6), maxX: toE7(122.2), maxY: toE7(31.9) };
const hotSpotCount = 10;
/** Hot spots keep off the area's border. */
const hotSpotMarginE7 = 2_000_000;

/**
 * From 1,000 fences on 49 districts and 400 towns, below it 9 districts, each set tiling the area without a gap; the rest
 * are sites. `vertices` is the mean of corners a fence. The same options give the same world.
 */
export function makeFenceWorld({ fences, vertices, seed }: FenceWorldOptions): FenceWorld {
  if (fences < 9) throw new RangeError(`a world has at least its 9 districts, not ${fences} fences`);
  const random = Random.of(seed, 1);
  const hotSpots = Array.from({ length: hotSpotCount }, () => ({
    x: random.between(area.minX + hotSpotMarginE7, area.maxX - hotSpotMarginE7),
    y: random.between(area.minY + hotSpotMarginE7, area.maxY - hotSpotMarginE7),
  }));
  const cuts = fences >= 1_000 ? [7, 20] : [3];
  const tiles = cuts.flatMap((cut) => jaggedTiles(area, cut, cut, vertices, random));
  const sites = makeSites({ count: fences - tiles.length, vertices, area, hotSpots }, random);
  return { fences: [...tiles.map((tile) => [tile]), ...sites], tiles: tiles.length, area, hotSpots };
}
