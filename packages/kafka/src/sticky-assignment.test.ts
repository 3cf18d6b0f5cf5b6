import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareOut, type ClaimingMember } from './sticky-assignment.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const claiming = (memberId: string, ...partitions: readonly number[]): ClaimingMember => ({
  memberId,
  claims: partitions.map((partition) => ({ partition, offset: 10 })),
});
/** The members of an assignment, who claim what it gave them. */
const holding = (shared: ReadonlyMap<string, readonly number[]>): ClaimingMember[] =>
  [...shared].map(([memberId, partitions]) => claiming(memberId, ...partitions));

const anyMembers = fc.uniqueArray(
  fc.record({
    memberId: fc.string({ minLength: 1, maxLength: 3 }),
    claims: fc.array(
      fc.record({ partition: fc.integer({ min: -1, max: 20 }), offset: fc.integer({ min: -1, max: 3 }) }),
    ),
  }),
  { minLength: 1, maxLength: 6, selector: ({ memberId }) => memberId },
);

describe('whatever is claimed', () => {
  test('each partition is somebody’s once, and numbers differ by at most one', () => {
    fc.assert(
      fc.property(fc.nat(18), anyMembers, (count, members) => {
        const shared = shareOut(numbers(count), members);
        expect([...shared.keys()].toSorted()).toEqual(members.map(({ memberId }) => memberId).toSorted());
        expect([...shared.values()].flat().toSorted((a, b) => a - b)).toEqual(numbers(count));
        const sizes = [...shared.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('the order of the members does not matter', () => {
    fc.assert(
      fc.property(fc.nat(18), anyMembers, (count, members) => {
        expect(shareOut(numbers(count), members.toReversed())).toEqual(shareOut(numbers(count), members));
      }),
    );
  });
});

/** Partitions that somebody else holds now. */
function moved(before: ReadonlyMap<string, readonly number[]>, after: ReadonlyMap<string, readonly number[]>): number {
  const kept = [...after].flatMap(([id, partitions]) => partitions.filter((it) => before.get(id)?.includes(it)));
  return [...before.values()].flat().length - kept.length;
}

describe('who comes and goes', () => {
  const groups = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }));

  test('nobody: nothing moves', () => {
    fc.assert(
      fc.property(groups, ([count, size]) => {
        const before = shareOut(
          numbers(count),
          numbers(size).map((i) => claiming(`m${i}`)),
        );
        expect(moved(before, shareOut(numbers(count), holding(before)))).toBe(0);
      }),
    );
  });

  test('one comes: only its share moves', () => {
    fc.assert(
      fc.property(groups, fc.constantFrom('a', 'm2x', 'z'), ([count, size], newcomer) => {
        const before = shareOut(
          numbers(count),
          numbers(size).map((i) => claiming(`m${i}`)),
        );
        const after = shareOut(numbers(count), [...holding(before), claiming(newcomer)]);
        expect(moved(before, after)).toBe(after.get(newcomer)!.length);
      }),
    );
  });

  test('one goes: only its share moves', () => {
    fc.assert(
      fc.property(groups, fc.nat(6), ([count, size], at) => {
        const before = shareOut(
          numbers(count),
          numbers(size + 1).map((i) => claiming(`m${i}`)),
        );
        const gone = `m${at % (size + 1)}`;
        const after = shareOut(
          numbers(count),
          holding(before).filter(({ memberId }) => memberId !== gone),
        );
        expect(moved(before, after)).toBe(before.get(gone)!.length);
      }),
    );
  });
});

test('what two claim stays with the one that has come further', () => {
  const asleep = { memberId: 'a', claims: [0, 1].map((partition) => ({ partition, offset: 5 })) };
  const awake = { memberId: 'b', claims: [0, 1, 2, 3].map((partition) => ({ partition, offset: 9 })) };
  expect(shareOut([0, 1, 2, 3], [asleep, awake])).toEqual(
    new Map([
      ['a', [2, 3]],
      ['b', [0, 1]],
    ]),
  );
});

test('claims to partitions that are none are harmless', () => {
  expect(shareOut([0, 1], [claiming('a', 7, -1), claiming('b', 1)])).toEqual(
    new Map([
      ['a', [0]],
      ['b', [1]],
    ]),
  );
});
