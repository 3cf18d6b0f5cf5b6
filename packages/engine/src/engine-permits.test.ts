import type { Permit } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { basePolicy, fenceOf, rectangle, settings } from './_policy.ts';
import { epochMs, Trial, type TrialOptions } from './_trial.ts';

const rules = {
  ...settings('route-deviation', { minDistanceM: 150 }, { minDurationS: 20 }),
  ...settings('permit-violation', {}, { minDurationS: 30 }),
};
/** A road along y = 0, to x = 20. */
const road = fenceOf('road', rectangle(-5, -1, 20, 1), { uses: ['route'] });

const permitOf = (rest: Partial<Permit>): Permit => ({
  id: 'p',
  fromMs: epochMs,
  toMs: epochMs + 3_600_000,
  routes: ['road'],
  ...rest,
});

function worldOf(...permits: readonly Permit[]): TrialOptions {
  return { vehicles: [{ id: 'truck', class: 'earthwork', permits }], policy: { ...basePolicy, rules, fences: [road] } };
}

test('along the route nothing is told; off it, far and long enough, it is; back on it, it is over', () => {
  const trial = new Trial(worldOf(permitOf({})));
  expect(trial.take('0 30 0,0 \n 10 30 1,0 \n 20 30 2,0 \n 30 30 2,2 \n 40 30 2,3 \n 50 30 2,4')).toEqual([]);
  // Off since second 30; 111 m at 40, 222 at 50: held from 50 on.
  expect(trial.take('60 30 2,5 \n 70 30 2,6')).toEqual(['70 raised route-deviation 445>150 L2']);
  expect(trial.take('80 30 2,0 \n 100 30 3,0')).toEqual(['100 cleared route-deviation 50..80 445>150']);
});

test('two permits: either route will do', () => {
  const side = fenceOf('side', rectangle(1, 0, 3, 9), { uses: ['route'] });
  const world = worldOf(permitOf({}), permitOf({ id: 'q', routes: ['side'] }));
  const trial = new Trial({ ...world, policy: { ...world.policy, fences: [road, side] } });
  expect(trial.take('0 30 0,0 \n 30 30 2,2 \n 60 30 2,5 \n 90 30 2,8')).toEqual([]);
});

test('a permit without routes holds everywhere; one whose route the policy lacks cannot be left', () => {
  for (const routes of [[], ['gone']]) {
    expect(new Trial(worldOf(permitOf({ routes }))).take('0 30 0,5 \n 30 30 2,5 \n 60 30 4,5 \n 90 30 6,5')).toEqual(
      [],
    );
  }
});

test('without a permit, after it has expired, and at other hours it may not drive', () => {
  const drive = '0 30 0,0 \n 29 30 1,0 \n 30 30 2,0';
  expect(new Trial(worldOf()).take(drive)).toEqual(['30 raised permit-violation L2']);
  expect(new Trial(worldOf(permitOf({ toMs: epochMs }))).take(drive)).toEqual(['30 raised permit-violation L2']);
  const hours = [{ days: [1], fromMinute: 60, toMinute: 120 }];
  expect(new Trial(worldOf(permitOf({ hours }))).take(drive)).toEqual(['30 raised permit-violation L2']);
  expect(new Trial(worldOf()).take('0 0 0,0 \n 30 0 0,0 \n 60 0 0,0')).toEqual([]);
});

test('a permit that expires on the way is seen at the next fix, without a border or a stop', () => {
  const trial = new Trial(worldOf(permitOf({ toMs: epochMs + 100_000, routes: [] })));
  expect(trial.take('0 30 0,0 \n 60 30 2,0 \n 99 30 3,0 \n 100 30 4,0 \n 129 30 5,0 \n 130 30 6,0')).toEqual([
    '130 raised permit-violation L2',
  ]);
});

test('hours are read as they open and close', () => {
  const hours = [{ days: [1], fromMinute: 0, toMinute: 2 }];
  const trial = new Trial(worldOf(permitOf({ hours, routes: [] })));
  expect(trial.take('0 30 0,0 \n 60 30 2,0 \n 119 30 3,0 \n 120 30 4,0 \n 150 30 5,0')).toEqual([
    '150 raised permit-violation L2',
  ]);
});

test('a permit that is registered on the way ends it', () => {
  const trial = new Trial(worldOf());
  expect(trial.take('0 30 0,0 \n 30 30 2,0')).toHaveLength(1);
  trial.register([{ id: 'truck', class: 'earthwork', permits: [permitOf({})] }]);
  expect(trial.take('40 30 3,0 \n 60 30 4,0')).toEqual(['60 cleared permit-violation 0..40']);
});

test('a restart on the way changes nothing', () => {
  const lines = ['0 30 0,0', '30 30 2,2', '40 30 2,3', '50 30 2,4', '60 30 2,5', '70 30 2,6'];
  const whole = new Trial(worldOf(permitOf({}))).take(lines.join('\n'));
  const trial = new Trial(worldOf(permitOf({})));
  const told = lines.flatMap((line) => {
    trial.restart();
    return trial.take(line);
  });
  expect(told).toEqual(whole);
  expect(whole).toHaveLength(1);
});
