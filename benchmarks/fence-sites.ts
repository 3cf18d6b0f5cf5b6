import { placeIn, unitsPerMetre, type HotSpot } from './crowd.ts';
import type { Box, LatticePolygon, LatticeRing } from './jagged-tiles.ts';
import type { LatticeFence } from './lattice-fence.ts';
import type { Random } from './random.ts';

export type SiteOptions = {
  readonly count: number;
  /** Mean of corners a site. */
  readonly vertices: number;
  readonly area: Box;
  readonly hotSpots: readonly HotSpot[];
};

/** Across, metres: yards, schools, works; and a few airports and old towns. */
const usual = { fromM: 100, toM: 3_000 } as const;
const large = { fromM: 3_000, toM: 20_000, share: 0.02, max: 200 } as const;
/** Above 1 small sites are more frequent. So many vehicles lie in 3.4 fences of 10,000 and in 7 of 100,000, on the mean. */
const smallerRather = 1.2;
const holeShare = 0.05;
const multiShare = 0.02;

/** Sites of a city: each a jagged blob, some with a hole, some of two or three parts, which may overlap. */
export function makeSites(options: SiteOptions, random: Random): LatticeFence[] {
  const largeCount = Math.min(large.max, Math.round(options.count * large.share));
  return Array.from({ length: options.count }, (_, i) => {
    const acrossM =
      i < largeCount
        ? random.between(large.fromM, large.toM)
        : usual.fromM * (usual.toM / usual.fromM) ** (random.share() ** smallerRather);
    return makeSite(options, acrossM / 2, random);
  });
}

function makeSite({ vertices, area, hotSpots }: SiteOptions, radiusM: number, random: Random): LatticeFence {
  const place = placeIn(area, hotSpots, random);
  const corners = Math.max(4, Math.round(vertices * random.between(0.5, 1.5)));
  const kind = random.share();
  if (kind < multiShare) {
    const parts = 2 + random.below(2);
    return Array.from({ length: parts }, () => {
      const aside = { x: place.x + random.bell() * away(radiusM), y: place.y + random.bell() * away(radiusM) };
      return [blob(aside, radiusM / Math.sqrt(parts), Math.max(4, Math.round(corners / parts)), random)];
    });
  }
  if (kind < multiShare + holeShare) return [ringed(place, radiusM, corners, random)];
  return [[blob(place, radiusM, corners, random)]];
}

function away(radiusM: number): number {
  return radiusM * unitsPerMetre.north;
}

/** A blob with a hole: no radius of a blob is below half of its greatest, and the hole's are below that. */
function ringed(place: HotSpot, radiusM: number, corners: number, random: Random): LatticePolygon {
  const inner = Math.max(4, Math.round(corners / 3));
  const outer = Math.max(4, corners - inner);
  return [blob(place, radiusM, outer, random), blob(place, radiusM * holeReach(outer), inner, random)];
}

/** The chord between two corners of a blob comes nearer to its middle than they are. */
function holeReach(outerCorners: number): number {
  return 0.45 * Math.cos((Math.PI / outerCorners) * (1 + strayShare));
}

/** How far a corner strays from its even angle, as a share of the step: corners keep their order. */
const strayShare = 0.7;

/** A simple ring around a place: one corner at each step of the angle, its distance a wave with jags, 0.5 to 1 of the radius. */
function blob(place: HotSpot, radiusM: number, corners: number, random: Random): LatticeRing {
  const ring = new Int32Array(corners * 2);
  const waves = 2 + random.below(4);
  const phase = random.between(0, 2 * Math.PI);
  for (let i = 0; i < corners; i += 1) {
    const angle = ((i + random.between(0, strayShare)) * 2 * Math.PI) / corners;
    const reachM = radiusM * (0.7 + 0.15 * Math.sin(waves * angle + phase) + random.between(-0.05, 0.15));
    ring[i * 2] = Math.round(place.x + Math.cos(angle) * reachM * unitsPerMetre.east);
    ring[i * 2 + 1] = Math.round(place.y + Math.sin(angle) * reachM * unitsPerMetre.north);
  }
  return ring;
}
