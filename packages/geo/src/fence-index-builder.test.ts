import { describe, expect, test, vi } from 'vitest';
import { Dice, indexSays, makeFences, pointNear, shapeOf, TurfOracle, type LatticeFence } from './_differential.ts';
import { FenceIndexBuilder, type IndexedFence } from './fence-index-builder.ts';
import { FenceIndex } from './fence-index.ts';

vi.setConfig({ testTimeout: 120_000 });

const seed = Number(process.env['GEO_SEED'] ?? Date.now() % 2 ** 31);
const centre = [1_214_000_000, 312_000_000] as const;

function indexed(fences: readonly (readonly [string, LatticeFence])[]): IndexedFence[] {
  return fences.map(([id, fence]) => ({ id, shape: shapeOf(fence) }));
}

test(`version after version, the index is what one built anew would be (GEO_SEED=${seed})`, () => {
  const dice = new Dice(seed);
  const builder = new FenceIndexBuilder();
  let fences = makeFences(dice, 150, centre, 600_000, 60_000).map((fence, i) => [`f${i}`, fence] as const);
  let next = fences.length;
  let kept = 0;
  for (let version = 0; version < 12; version += 1) {
    const data = builder.build(indexed(fences));
    if (version > 0) kept += Number(data.keptRoots > 0);
    const index = new FenceIndex(data);
    const oracle = new TurfOracle(fences.map(([, fence]) => fence));
    expect(index.size).toBe(fences.length);
    for (let i = 0; i < 4_000; i += 1) {
      const [x, y] = pointNear(
        dice,
        fences.map(([, fence]) => fence),
        centre,
        700_000,
      );
      const expected = oracle.fencesAt(x, y);
      expect(indexSays(index, x, y), `seed ${seed}, version ${version}, (${x}, ${y})`).toEqual(expected);
    }
    // One goes, one moves its border, some come, at any place of the list.
    fences = fences.filter((_, i) => i !== dice.between(0, fences.length - 1));
    const changed = dice.between(0, fences.length - 1);
    const [border, ...added] = makeFences(dice, 3, centre, 550_000, 50_000);
    fences[changed] = [fences[changed]![0], border!];
    for (const fence of added) fences.splice(dice.between(0, fences.length), 0, [`f${next++}`, fence]);
  }
  // Most versions were made of the one before, or the test has shown nothing.
  expect(kept).toBeGreaterThan(8);
});

describe('what is kept', () => {
  const fences = indexed(makeFences(new Dice(7), 200, centre, 2_000_000, 60_000).map((fence, i) => [`f${i}`, fence]));

  test('the same fences once more: every root cell', () => {
    const builder = new FenceIndexBuilder();
    const first = builder.build(fences);
    const again = builder.build(structuredClone(fences));
    expect(again.keptRoots).toBe(first.tree.roots.length);
    expect(again.tree).toEqual(first.tree);
  });

  test('one new fence: all but the root cells around it', () => {
    const builder = new FenceIndexBuilder();
    const first = builder.build(fences);
    const [added] = makeFences(new Dice(9), 1, centre, 1_000_000, 60_000);
    const next = builder.build([...fences, { id: 'new', shape: shapeOf(added!) }]);
    expect(next.keptRoots).toBeGreaterThan(0.95 * first.tree.roots.length);
    expect(next.keptRoots).toBeLessThan(first.tree.roots.length);
  });

  test.each([
    ['a fence outside of the former window', [3_000_000, 300_000_000] as const],
    ['one on the other side of the earth', [-1_700_000_000, -300_000_000] as const],
  ])('nothing for %s: the window is another', (_, place) => {
    const builder = new FenceIndexBuilder();
    builder.build(fences);
    const [far] = makeFences(new Dice(9), 1, place, 1_000, 60_000);
    const data = builder.build([...fences, { id: 'far', shape: shapeOf(far!) }]);
    expect(data.keptRoots).toBe(0);
    expect(indexSays(new FenceIndex(data), ...far![0]![0]![0]!)).toEqual([fences.length]);
  });

  test('rubbish does not pile up: many versions later the index is no larger than half as much again', () => {
    const builder = new FenceIndexBuilder();
    const dice = new Dice(11);
    const first = builder.build(fences);
    for (let version = 0; version < 60; version += 1) {
      const changed = makeFences(dice, 12, centre, 2_000_000, 60_000);
      const list = fences.map((fence, i) => (i < 12 ? { id: fence.id, shape: shapeOf(changed[i]!) } : fence));
      expect(builder.build(list).tree.cells.length).toBeLessThan(1.7 * first.tree.cells.length);
    }
  });
});

test('no fences: nothing is anywhere', () => {
  const index = FenceIndex.of([]);
  expect([index.size, indexSays(index, 0, 0), indexSays(index, -1_800_000_000, 900_000_000)]).toEqual([0, [], []]);
});
