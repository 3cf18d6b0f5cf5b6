import { describe, expect, test } from 'vitest';
import { circle, fenceOf, plausible, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

function worldOf(rules: object, more: object = {}): TrialOptions {
  return { policy: { overspeed: plausible(), rules, ...more } };
}

function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('gnss-drift', () => {
  // A thousandth of a degree north is 111.19 m: 4 of them in 10 s are 160.1 km/h.
  const options = worldOf(settings('gnss-drift', { maxKph: 160 }));

  test('further than anybody could have driven; a little less is none', () => {
    check('0 60 0,0 \n 10 60 0,3.99', [], options);
    check('0 60 0,0 \n 10 60 0,4', ['10 raised gnss-drift 160>160 L2'], options);
  });

  test('there and back is one alarm, over when it has stayed away', () => {
    check(
      '0 60 0,0 \n 10 60 0,1 \n 20 60 90,0 \n 30 60 0,3 \n 40 60 0,4 \n 49 60 0,5 \n 50 60 0,5.1',
      ['20 raised gnss-drift 3082>160 L2', '50 cleared gnss-drift 20..30 3082>160'],
      options,
    );
  });

  test('among fixes that nothing else would show to a rule', () => {
    check(
      '0 60 0,0 \n 1 60 0,0.15 \n 2 60 0,0.3 \n 3 60 30,0 \n 4 60 0,0.6',
      ['3 raised gnss-drift 10273>160 L2'],
      options,
    );
  });

  test('measured from the last position, however many fixes had none', () => {
    check('0 60 0,0 \n 10 60 9,9 invalid \n 20 60 9,9 invalid \n 30 60 0,8', [], options);
    check('0 60 0,0 \n 10 60 9,9 invalid \n 20 60 0,10', ['20 raised gnss-drift 200>160 L2'], options);
  });

  test('a vehicle that was carried far in a long gap has not drifted', () => {
    check('0 60 0,0 \n 7200 60 0,900', [], options);
    check('0 60 0,0 \n 600 60 0,900', ['600 raised gnss-drift 600>160 L2'], options);
  });

  test('the first position of all is none, and a restart does not make one', () => {
    const trial = new Trial(options);
    expect(trial.take('0 60 900,900')).toEqual([]);
    trial.restart();
    expect(trial.take('10 60 0,0')).toHaveLength(1);
  });
});

describe('gnss-stuck', () => {
  const options = worldOf(settings('gnss-stuck', { aboveKph: 10 }, { minDurationS: 30 }));

  test('driving on the spot, from when it has lasted', () => {
    const track = '0 50 1,1 \n 10 50 1,1 \n 20 50 1,1 \n 39 50 1,1';
    check(track, [], options);
    check(
      `${track} \n 40 50 1,1 \n 50 60 1.001,1 \n 70 60 2,1`,
      ['40 raised gnss-stuck 50>10 L2', '70 cleared gnss-stuck 10..50 50>10'],
      options,
    );
  });

  test('among fixes that nothing else would show to a rule', () => {
    const seconds = Array.from({ length: 40 }, (_, i) => `${i} 50 1,1`).join('\n');
    check(seconds, ['31 raised gnss-stuck 50>10 L2'], options);
  });

  test('standing, creeping and a speed that is derived are none', () => {
    check('0 0 1,1 \n 30 0 1,1 \n 60 0 1,1', [], options);
    check('0 10 1,1 \n 30 10 1,1 \n 60 10 1,1', [], options);
    check('0 - 1,1 \n 30 - 1,1 \n 60 - 1,1', [], options);
  });

  test('a fix without a position says nothing of it', () => {
    check('0 50 1,1 \n 10 50 1,1 \n 20 50 1,1 invalid \n 40 50 1,1', ['40 raised gnss-stuck 50>10 L2'], options);
  });

  test('the last digit is enough', () => {
    check('0 50 1,1 \n 10 50 1.0001,1 \n 20 50 1,1 \n 30 50 1.0001,1 \n 40 50 1,1 \n 50 50 1.0001,1', [], options);
  });
});

describe('clock-skew', () => {
  // Refused from more than 60 s ahead of its receipt.
  const options = worldOf(settings('clock-skew', {}));

  test('more than a minute ahead is refused and told, at the time of receipt', () => {
    check('60 50 0,0 @0', [], options);
    check('60.001 50 0,0 @0', ['0 raised clock-skew 60>60 L2'], options);
    check('3700 50 0,0 @100', ['100 raised clock-skew 3600>60 L2'], options);
  });

  test('a wrong clock does not silence the vehicle: the next good fix is judged', () => {
    const trial = new Trial(options);
    expect(trial.take('0 70 0,0 @0 \n 86400 70 1,0 @10')).toEqual(['10 raised clock-skew 86390>60 L2']);
    expect(trial.take('20 70 2,0 @20 \n 30 70 3,0 @30')).toEqual(['30 raised overspeed 70>60 L2']);
    expect(trial.take('40 70 4,0 @40')).toEqual(['40 cleared clock-skew 10..20 86390>60']);
    expect(trial.engine.counters.rejects).toEqual({ 'clock-ahead': 1 });
  });

  test('one alarm while it lasts, for hours, through a restart', () => {
    const trial = new Trial(options);
    expect(trial.take('7200 50 0,0 @0')).toHaveLength(1);
    trial.restart();
    expect(trial.take('9000 50 0,0 @1800 \n 10800 50 0,0 @3600')).toEqual([]);
    expect(trial.take('3630 50 0,0 @3630 \n 3660 50 0,0 @3660')).toEqual(['3660 cleared clock-skew 0..3630 7200>60']);
  });

  test('the fix is refused for every other rule', () => {
    const both = worldOf({ ...settings('clock-skew', {}), ...settings('collision', {}), ...settings('adas', {}) });
    check('900 90 0,0 @0 alarm29 event=6401/2', ['0 raised clock-skew 900>60 L2'], both);
  });

  test('it takes a minimum where one is asked', () => {
    const slow = worldOf(settings('clock-skew', {}, { minDurationS: 30 }));
    check('900 50 0,0 @0 \n 10 50 0,0 @10 \n 930 50 0,0 @20 \n 40 50 1,0 @40', [], slow);
    check('900 50 0,0 @0 \n 920 50 0,0 @20 \n 930 50 0,0 @30', ['30 raised clock-skew 900>60 L2'], slow);
  });
});

describe('what others get wrong, and this does not', () => {
  const zone = fenceOf('zone', circle(90, 0, 300), { prohibited: true, uses: ['enter', 'exit'], dwellMaxS: 60 });
  const many = worldOf(
    {
      ...settings('fence-enter', {}),
      ...settings('fence-exit', {}),
      ...settings('zone-dwell', {}),
      ...settings('prohibited-hours', {}),
      ...settings('unauthorised-stop', { maxS: 600 }),
    },
    { fences: [zone] },
  );

  test('one drifted fix opens no alarm for hours', () => {
    const trial = new Trial(many);
    expect(trial.take('0 0 0,0 \n 30 0 90,0 \n 60 0 0,0 \n 90 0 0,0')).toEqual([]);
    // Nor does one that is the last before a silence: it has stood for that hour, and did not drive back.
    const stood = new Trial(many).take('0 0 0,0 \n 30 0 0,0 \n 3600 0 0,0 \n 3630 0 0,0');
    expect(stood).toEqual(['3600 raised unauthorised-stop 60>10 L2']);
    expect(new Trial(many).take('0 0 0,0 \n 30 0 90,0 \n 3600 0 0,0 \n 3630 0 0,0')).toEqual(stood);
    const stays = { ...settings('fence-enter', {}), ...settings('zone-dwell', {}) };
    expect(
      new Trial(worldOf(stays, { fences: [zone] })).take(
        '0 50 0,0 \n 30 50 90,0 \n 60 50 0.5,0 \n 90 50 1,0 \n 7200 50 2,0',
      ),
    ).toEqual([]);
  });

  test('the lowest limit wins, not the highest, in whatever order fences are drawn', () => {
    const road = fenceOf('road', circle(0, 0, 500), { limitKph: 80 });
    const school = fenceOf('school', circle(0, 0, 300), { limitKph: 20 });
    for (const fences of [
      [road, school],
      [school, road],
    ]) {
      check('0 30 0,0 \n 30 30 0.1,0', ['30 raised overspeed 30>20 L4'], worldOf({}, { fences }));
      check('0 70 4,0 \n 30 70 3.9,0', ['30 raised overspeed 70>60 L2'], worldOf({}, { fences }));
    }
  });

  test('a schedule is read as time goes by, not only where a border is crossed', () => {
    const hours = [{ days: [1], fromMinute: 2, toMinute: 4 }];
    const closing = fenceOf('closing', circle(90, 0, 300), { prohibited: true, schedule: hours });
    check(
      Array.from({ length: 10 }, (_, i) => `${30 * i} 20 90,${i / 100}`).join('\n'),
      ['150 raised prohibited-zone closing L3', '270 cleared prohibited-zone closing 120..240'],
      worldOf({}, { fences: [closing] }),
    );
    const when = { hours } as const;
    check(
      Array.from({ length: 10 }, (_, i) => `${30 * i} 20 0,${i}`).join('\n'),
      ['120 raised prohibited-hours L2', '270 cleared prohibited-hours 120..240'],
      worldOf(settings('prohibited-hours', {}, { when })),
    );
  });

  test('duration is between the times that the terminal fixed, not between their receipts', () => {
    // An hour of fixes comes within a second, and one second of fixes within an hour.
    check('0 70 0,0 @4000 \n 29 70 1,0 @4000 \n 30 70 2,0 @4000', ['30 raised overspeed 70>60 L2'], worldOf({}));
    check('0 70 0,0 @100 \n 0.5 70 1,0 @1900 \n 1 70 2,0 @3700', [], worldOf({}));
  });

  test('a wrong clock silences nobody, whichever way it is wrong', () => {
    const trial = new Trial(worldOf({}));
    trial.take('0 50 0,0 @0 \n 999999 50 0,0 @1');
    expect(trial.take('10 70 1,0 @10 \n 40 70 2,0 @40')).toEqual(['40 raised overspeed 70>60 L2']);
    // Two hours behind: told as late, for that is what it looks like, and live again as soon as it is right.
    expect(trial.take('-7200 70 3,0 @50 \n -7170 70 3,0 @80 \n 85 80 3.5,0 @139')).toEqual([
      '85 escalated overspeed 80>60 L3',
    ]);
    expect(trial.take('90 80 4,0 @140')).toEqual(['-7170 raised overspeed late 70>60 L2']);
  });
});
