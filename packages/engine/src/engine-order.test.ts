import { describe, expect, test } from 'vitest';
import { circle, fenceOf } from './_policy.ts';
import { Trial } from './_trial.ts';

type Books = Partial<Record<'fixes' | 'late' | 'reordered' | 'duplicates' | 'alarmsRaised', number>>;

/** Limit 60, over at 55 for 20 s, held 30 s, gaps from 90 s, reorder up to 5 s, late lanes idle after 600 s. */
function check(track: string, expected: readonly string[], books: Books = {}): void {
  const trial = new Trial();
  expect(trial.take(track)).toEqual(expected);
  expect(trial.engine.counters).toMatchObject(books);
}

describe('duplicates and small reorder', () => {
  test('the same time and place is a duplicate, whatever else it says', () => {
    check(
      `
       0 70
       0 70
      10 70
      10 10
       0 70
      30 70`,
      ['30 raised overspeed 70>60 L2'],
      { fixes: 3, duplicates: 3, reordered: 0, late: 0 },
    );
  });

  test('the same time at another place is none: it is a reorder', () => {
    check('0 70 0,0 \n 0 70 0,1', [], { fixes: 2, duplicates: 0, reordered: 1 });
  });

  test('up to the allowance is a reorder: counted, not evaluated', () => {
    check(
      `
       0 70
      10 70
       5 10
      30 70
      25 10
      25 10`,
      ['30 raised overspeed 70>60 L2'],
      { fixes: 5, reordered: 2, duplicates: 1, late: 0 },
    );
  });

  test('beyond the allowance it is late', () => {
    check('0 70 \n 10 70 \n 4.999 10', [], { fixes: 3, reordered: 0, late: 1 });
  });

  test('the newest eight fixes are remembered', () => {
    const fixes = Array.from({ length: 9 }, (_, i) => `${i * 10} 0`).join('\n');
    check(`${fixes}\n 10 0`, [], { fixes: 9, duplicates: 1, late: 0 });
    check(`${fixes}\n 0 0`, [], { fixes: 10, duplicates: 0, late: 1 });
  });

  test('vehicles do not know of each other', () => {
    const trial = new Trial({
      vehicles: [
        { id: 'truck', class: 'heavy' },
        { id: 'other', class: 'heavy' },
      ],
    });
    trial.take('0 70 \n 0 70 other \n 100 0 \n 10 70 other');
    expect(trial.engine.counters).toMatchObject({ fixes: 4, duplicates: 0, late: 0 });
  });
});

describe('a clock that runs ahead', () => {
  test('a receipt that runs ahead with it, beyond its own record, is no excuse', () => {
    const trial = new Trial();
    const steps = trial.take(`
       0 70
   72000 70 @72000 ^1
      10 70
      30 70`);
    expect(trial.rejected).toEqual(['clock-ahead']);
    expect(steps).toEqual(['30 raised overspeed 70>60 L2']);
  });

  test('is quarantined and does not silence the vehicle', () => {
    const trial = new Trial();
    const lines = trial.take(`
          0 70 @1
      72010 70 @11
         30 70 @31
         40 70 @41 sos
         50 40 @51
         70 40 @71`);
    expect(lines).toEqual([
      '30 raised overspeed 70>60 L2',
      '40 raised sos L4',
      '70 cleared overspeed 0..50 70>60',
      '70 cleared sos 40..50',
    ]);
    expect(trial.engine.counters.rejects).toEqual({ 'clock-ahead': 1 });
  });

  test('is measured against the receipt, at the border', () => {
    const trial = new Trial();
    trial.take('60 0 @0 \n 120.001 0 @60');
    expect(trial.engine.counters).toMatchObject({ fixes: 1, rejects: { 'clock-ahead': 1 } });
  });

  test('writes its reason into the batch, for the dead letter', () => {
    const trial = new Trial();
    trial.take('72010 70 @11');
    expect(trial.rejected).toEqual(['clock-ahead']);
  });
});

test('the newest fixes are drained once, some at a time', () => {
  const trial = new Trial({
    vehicles: [
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'heavy' },
    ],
  });
  trial.take('0 70 0,0 \n 0 50 1,0 other \n 10 - 2,0 \n 5 20 9,9');
  expect(trial.engine.drainNewest(1)).toEqual([
    expect.objectContaining({ vehicleId: 'truck', lonDeg: 121.402, latDeg: 31.2 }),
  ]);
  expect(trial.engine.drainNewest(9)).toEqual([expect.objectContaining({ vehicleId: 'other', speedKph: 50 })]);
  expect(trial.engine.drainNewest(9)).toEqual([]);
});

test('a vehicle without any valid position has no newest fix', () => {
  const trial = new Trial();
  trial.take('0 70 invalid');
  expect(trial.engine.drainNewest(9)).toEqual([]);
});

test('a vehicle is drained once, however many borders it crosses', () => {
  const trial = new Trial({ policy: { fences: [fenceOf('yard', circle(0, 0, 100), { limitKph: 50 })] } });
  trial.take('0 20 0,0 \n 1 20 0,9 \n 2 20 0,0 \n 3 20 0,9');
  expect(trial.engine.drainNewest(9)).toHaveLength(1);
});
