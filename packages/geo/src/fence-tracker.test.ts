import { toE7, type FenceShape } from '@haulwatch/domain';
import { describe, expect, test, vi } from 'vitest';
import { Dice, makeFences, shapeOf, TurfOracle } from './_differential.ts';
import { FenceIndexBuilder, type IndexedFence } from './fence-index-builder.ts';
import { FenceIndex, hitsMax } from './fence-index.ts';
import { crossingKind, Crossings, FenceTracker } from './fence-tracker.ts';

vi.setConfig({ testTimeout: 120_000 });

const seed = Number(process.env['GEO_SEED'] ?? Date.now() % 2 ** 31);

const kindNames = ['', 'enters', 'leaves', 'passes'];

/** Moves vehicles; tells each crossing as `vehicle enters fence`. */
function move(tracker: FenceTracker, rows: readonly (readonly [number, number, number])[]): string[] {
  const column = (i: 0 | 1 | 2): Int32Array => Int32Array.from(rows, (row) => row[i]);
  const out = new Crossings(10_000);
  tracker.moveAll(column(0), column(1), column(2), rows.length, out);
  return Array.from(
    { length: out.count },
    (_, i) => `${rows[out.row[i]!]![0]} ${kindNames[out.kind[i]!]} ${out.fence[i]}`,
  );
}

function membership(tracker: FenceTracker, vehicle: number): number[] {
  const hits = new Int32Array(hitsMax);
  return [...hits.subarray(0, tracker.membership(vehicle, hits))];
}

test(`entries and exits are those between what turf says of the places (GEO_SEED=${seed})`, () => {
  const dice = new Dice(seed);
  const centre = [1_214_000_000, 312_000_000] as const;
  const fences = makeFences(dice, 120, centre, 200_000, 60_000);
  const oracle = new TurfOracle(fences);
  const vehicles = 60;
  const tracker = new FenceTracker(FenceIndex.of(fences.map(shapeOf)), vehicles);
  const places = Array.from({ length: vehicles }, (): [number, number] => [
    centre[0] + dice.between(-200_000, 200_000),
    centre[1] + dice.between(-150_000, 150_000),
  ]);
  const inside = places.map(([x, y]) => oracle.fencesAt(x, y));
  expect(
    move(
      tracker,
      places.map(([x, y], vehicle) => [vehicle, x, y] as const),
    ),
  ).toEqual([]);
  let crossings = 0;
  for (let tick = 0; tick < 150; tick += 1) {
    const rows: [number, number, number][] = [];
    const expected: string[] = [];
    for (let i = 0; i < 1.5 * vehicles; i += 1) {
      // Some vehicles twice in one batch, some parked with a jitter, some fast, some far away at once.
      const vehicle = dice.between(0, vehicles - 1);
      const step = [15, 15, 150, 3_000, 100_000][vehicle % 5]!;
      const place = places[vehicle]!;
      place[0] += dice.between(-step, step);
      place[1] += dice.between(-step, step);
      rows.push([vehicle, place[0], place[1]]);
      const now = oracle.fencesAt(place[0], place[1]);
      const was = inside[vehicle]!;
      for (const fence of [...new Set([...was, ...now])].sort((a, b) => a - b)) {
        if (!now.includes(fence)) expected.push(`${vehicle} leaves ${fence}`);
        if (!was.includes(fence)) expected.push(`${vehicle} enters ${fence}`);
      }
      inside[vehicle] = now;
    }
    const told = move(tracker, rows).filter((crossing) => !crossing.includes('passes'));
    expect(told, `seed ${seed}, tick ${tick}`).toEqual(expected);
    crossings += told.length;
    for (let vehicle = 0; vehicle < vehicles; vehicle += 1) {
      expect(membership(tracker, vehicle)).toEqual(inside[vehicle]);
    }
  }
  expect(crossings).toBeGreaterThan(500);
});

const degree = (x: number, y: number): readonly [number, number] => [121 + x / 1_000, 31 + y / 1_000];

function rectangle(fromX: number, fromY: number, toX: number, toY: number): FenceShape {
  const corners = [
    [fromX, fromY],
    [toX, fromY],
    [toX, toY],
    [fromX, toY],
    [fromX, fromY],
  ] as const;
  return { kind: 'polygons', polygons: [[corners.map(([x, y]) => degree(x, y))]] };
}

const at = (x: number, y: number): readonly [number, number] => {
  const [lon, lat] = degree(x, y);
  return [toE7(lon), toE7(lat)];
};

describe('a new version of the fences', () => {
  const yard: IndexedFence = { id: 'yard', shape: rectangle(0, 0, 10, 10) };
  const town: IndexedFence = { id: 'town', shape: rectangle(-50, -50, 50, 50) };

  function swapped(before: readonly IndexedFence[], after: readonly IndexedFence[], x: number, y: number) {
    const builder = new FenceIndexBuilder();
    const tracker = new FenceTracker(new FenceIndex(builder.build(before)), 1);
    move(tracker, [[0, ...at(x, y)]]);
    tracker.swap(new FenceIndex(builder.build(after)));
    return tracker;
  }

  test('a fence drawn around a parked vehicle is no entry, leaving it is an exit', () => {
    const tracker = swapped([town], [town, yard], 5, 5);
    expect(move(tracker, [[0, ...at(5, 5.001)]])).toEqual([]);
    expect(membership(tracker, 0)).toEqual([0, 1]);
    expect(move(tracker, [[0, ...at(20, 5)]])).toEqual(['0 leaves 1']);
  });

  test('a deleted fence is no exit', () => {
    const tracker = swapped([yard, town], [town], 5, 5);
    expect(move(tracker, [[0, ...at(5.001, 5)]])).toEqual([]);
    expect(membership(tracker, 0)).toEqual([0]);
    expect(move(tracker, [[0, ...at(60, 5)]])).toEqual(['0 leaves 0']);
  });

  test.each([
    ['over the vehicle', rectangle(6, 0, 10, 10), rectangle(0, 0, 10, 10)],
    ['away from it', rectangle(0, 0, 10, 10), rectangle(6, 0, 10, 10)],
  ])('a border moved %s is neither', (_, before, after) => {
    const tracker = swapped([{ id: 'yard', shape: before }], [{ id: 'yard', shape: after }], 5, 5);
    expect(move(tracker, [[0, ...at(5.001, 5)]])).toEqual([]);
  });

  test('what the vehicle does from its old place on is told by the new fences', () => {
    const tracker = swapped([], [yard], -1, 5);
    expect(move(tracker, [[0, ...at(1, 5)]])).toEqual(['0 enters 0']);
    const moved = swapped([yard], [town, { id: 'yard', shape: rectangle(3, 0, 10, 10) }], 2, 5);
    expect(move(moved, [[0, ...at(4, 5)]])).toEqual(['0 enters 1']);
  });

  test('fences that come before it in the list renumber it and nothing else', () => {
    const tracker = swapped([yard], [town, yard], 5, 5);
    expect(move(tracker, [[0, ...at(6, 5)]])).toEqual([]);
    expect(move(tracker, [[0, ...at(11, 5)]])).toEqual(['0 leaves 1']);
  });

  test('a vehicle that was never seen has its first sight after it', () => {
    const builder = new FenceIndexBuilder();
    const tracker = new FenceTracker(new FenceIndex(builder.build([])), 1);
    tracker.swap(new FenceIndex(builder.build([yard])));
    expect(move(tracker, [[0, ...at(5, 5)]])).toEqual([]);
  });
});

describe('a thin fence between two fixes', () => {
  const thin: FenceShape = rectangle(0, -50, 0.1, 50);
  const line: FenceShape = { kind: 'corridor', line: [degree(2, -50), degree(2, 50)], halfWidthM: 5 };
  const gate: FenceShape = { kind: 'circle', centre: degree(4, 0), radiusM: 10 };
  const wide: FenceShape = rectangle(6, -50, 8, 50);

  test.each<[string, number, number, string[]]>([
    ['a strip', -0.2, 0.3, ['0 passes 0']],
    ['a strip, the other way', 0.3, -0.2, ['0 passes 0']],
    ['a corridor', 1.8, 2.2, ['0 passes 1']],
    ['a small circle', 3.8, 4.2, ['0 passes 2']],
    ['beside it', 0.3, 0.8, []],
    ['a wide fence is not looked for: nobody jumps over it at 1 Hz', 5.9, 8.1, []],
    ['all of them at once', -1, 5, ['0 passes 0', '0 passes 1', '0 passes 2']],
    ['into it is an entry', -0.2, 0.05, ['0 enters 0']],
    ['out of it is an exit', 0.05, 0.3, ['0 leaves 0']],
  ])('%s', (_, fromX, toX, expected) => {
    const tracker = new FenceTracker(FenceIndex.of([thin, line, gate, wide]), 1);
    move(tracker, [[0, ...at(fromX, 0)]]);
    expect(move(tracker, [[0, ...at(toX, 0)]])).toEqual(expected);
  });

  test('a segment that ends short of it, or runs along its edge', () => {
    const index = FenceIndex.of([thin]);
    const hits = new Int32Array(8);
    const crossed = (ax: number, ay: number, bx: number, by: number): number =>
      index.cross(...at(ax, ay), ...at(bx, by), hits);
    expect([crossed(-1, 0, -0.001, 0), crossed(-1, 0, 0, 0), crossed(-1, -60, 1, -55)]).toEqual([0, 1, 0]);
    expect([crossed(0, -60, 0, -50), crossed(0, 10, 0, 20), crossed(-1, 51, 1, 49)]).toEqual([1, 1, 1]);
  });
});

test('crossings that find no room are counted, not lost in silence', () => {
  const tracker = new FenceTracker(FenceIndex.of([rectangle(0, 0, 1, 1), rectangle(0, 0, 2, 2)]), 1);
  const out = new Crossings(1);
  const go = (x: number): void => {
    const [lonE7, latE7] = at(x, 0.5);
    tracker.moveAll(Int32Array.of(0), Int32Array.of(lonE7), Int32Array.of(latE7), 1, out);
  };
  go(5);
  go(0.5);
  expect([out.count, out.lost, out.kind[0]]).toEqual([1, 1, crossingKind.entered]);
});

describe('over the antimeridian', () => {
  const square = (from: number, to: number): FenceShape => ({
    kind: 'polygons',
    polygons: [
      [
        [
          [from, 0],
          [to, 0],
          [to, 1],
          [from, 1],
          [from, 0],
        ],
      ],
    ],
  });
  const degrees = (lon: number): readonly [number, number] => [toE7(lon), toE7(0.5)];

  test('a vehicle exactly on it sees what comes after it', () => {
    const tracker = new FenceTracker(FenceIndex.of([square(-179.9999, -179.9995)]), 1);
    move(tracker, [[0, ...degrees(-180)]]);
    expect(move(tracker, [[0, ...degrees(-179.9997)]])).toEqual(['0 enters 0']);
  });

  test('a step takes the short way', () => {
    const strip = (lon: number): FenceShape => square(lon, lon + 0.0001);
    const shapes = [strip(0), strip(-179.9998), strip(179.9997), strip(179.99995)];
    const tracker = new FenceTracker(FenceIndex.of(shapes), 1);
    move(tracker, [[0, ...degrees(179.9995)]]);
    expect(move(tracker, [[0, ...degrees(-179.9995)]])).toEqual(['0 passes 1', '0 passes 2', '0 passes 3']);
    expect(move(tracker, [[0, ...degrees(179.9995)]])).toEqual(['0 passes 1', '0 passes 2', '0 passes 3']);
  });
});
