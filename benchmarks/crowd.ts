import type { Box } from './jagged-tiles.ts';
import type { Random } from './random.ts';

/** Lattice units a metre, east and north, in the middle of the area. */
export const unitsPerMetre = {
  east: 1e7 / (111_195 * Math.cos((31.25 * Math.PI) / 180)),
  north: 1e7 / 111_195,
} as const;

/** A place that fences and vehicles crowd around. */
export type HotSpot = { readonly x: number; readonly y: number };

/** How many things lie anywhere; the others crowd around hot spots. */
const anywhereShare = 0.35;
/** How far from a hot spot's middle they lie, standard deviation. */
const hotSpotM = 11_000;

/** A place of the area: fences and vehicles lie where people are. */
export function placeIn(area: Box, hotSpots: readonly HotSpot[], random: Random): HotSpot {
  if (random.chance(anywhereShare)) {
    return { x: random.between(area.minX, area.maxX), y: random.between(area.minY, area.maxY) };
  }
  const spot = random.pick(hotSpots);
  for (;;) {
    const x = spot.x + random.bell() * hotSpotM * unitsPerMetre.east;
    const y = spot.y + random.bell() * hotSpotM * unitsPerMetre.north;
    if (x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY) return { x, y };
  }
}
