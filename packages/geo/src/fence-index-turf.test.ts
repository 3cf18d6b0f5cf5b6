import { describe, expect, test, vi } from 'vitest';
import {
  Dice,
  indexSays,
  isOnLattice,
  makeFan,
  makeFences,
  makeTiles,
  pointNear,
  shapeOf,
  TurfOracle,
  type LatticeFence,
} from './_differential.ts';
import { FenceIndex } from './fence-index.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 300_000 });

/** Another world at each run; a failure tells the seed, and with it in the environment the same world comes back. */
const seed = Number(process.env['GEO_SEED'] ?? Date.now() % 2 ** 31);
/** Points of a run, over all worlds. */
const points = Number(process.env['GEO_POINTS'] ?? 250_000);

type World = { readonly fences: LatticeFence[]; readonly centre: readonly [number, number]; readonly span: number };

const worlds: Record<string, (dice: Dice) => World> = {
  'a city: holes, unions, tiles that share their borders': (dice) => {
    const centre = [1_214_000_000, 312_000_000] as const;
    const tiles = makeTiles(dice, 6, [1_212_500_000, 310_500_000], 500_000);
    return { fences: [...makeFences(dice, 250, centre, 1_500_000, 300_000), ...tiles], centre, span: 2_000_000 };
  },
  'yards: fences of a few metres, dense': (dice) => {
    const centre = [1_214_000_000, -312_000_000] as const;
    return { fences: makeFences(dice, 300, centre, 20_000, 2_000), centre, span: 24_000 };
  },
  'eighty wedges that meet in one point': (dice) => {
    const centre = [-3_000_017, 51_000_003] as const;
    const fences = [...makeFan(80, centre, 90_000), ...makeFences(dice, 10, centre, 50_000, 90_000)];
    return { fences, centre, span: 100_000 };
  },
  'the antimeridian': (dice) => {
    const centre = [1_800_000_000, -170_000_000] as const;
    return { fences: makeFences(dice, 120, centre, 20_000_000, 15_000_000), centre, span: 30_000_000 };
  },
  'continents: edges beyond what doubles multiply exactly': (dice) => {
    const centre = [300_000_000, 100_000_000] as const;
    return { fences: makeFences(dice, 60, centre, 600_000_000, 600_000_000), centre, span: 700_000_000 };
  },
};

const lonMax = 1_800_000_000;
const latMax = 900_000_000;

describe(`the index agrees with turf (GEO_SEED=${seed})`, () => {
  const names = Object.keys(worlds);
  test.each(names)('%s', (name) => {
    const dice = new Dice(seed);
    const { fences, centre, span } = worlds[name]!(dice);
    expect(fences.every(isOnLattice)).toBe(true);
    const index = FenceIndex.of(fences.map(shapeOf));
    const oracle = new TurfOracle(fences, name === 'the antimeridian');
    let memberships = 0;
    for (let i = 0; i < points / names.length; i += 1) {
      const [px, y] = pointNear(dice, fences, centre, span);
      if (Math.abs(y) > latMax) continue;
      // Terminals tell longitudes within 180 degrees, and either sign on the antimeridian itself.
      const wrapped = px > lonMax ? px - 2 * lonMax : px < -lonMax ? px + 2 * lonMax : px;
      const x = Math.abs(wrapped) === lonMax && i % 2 === 0 ? -wrapped : wrapped;
      const expected = oracle.fencesAt(x, y);
      const found = indexSays(index, x, y);
      memberships += expected.length;
      if (found.join() !== expected.join()) {
        expect.fail(
          `seed ${seed}, point ${i} (${x}, ${y}): turf says [${expected.join()}], the index [${found.join()}]`,
        );
      }
    }
    // A world in which nothing is inside anything would prove nothing.
    expect(memberships).toBeGreaterThan(points / names.length / 4);
  });
});
