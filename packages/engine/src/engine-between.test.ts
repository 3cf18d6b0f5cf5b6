import { describe, expect, test } from 'vitest';
import { basePolicy, circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** 0,0 is inside of the yard and the plant, 10,0 far outside; second 0 is Monday 00:00. Gaps from 90 s. */
const yard = fenceOf('yard', circle(0, 0, 100), { uses: ['enter', 'exit'] });
const plant = fenceOf('plant', circle(0, 0, 100), { uses: ['plant'] });
/** Far away, open from 00:01 on. */
const school = fenceOf('school', circle(500, 500, 50), { schedule: [{ days: [1], fromMinute: 1, toMinute: 30 }] });

function check(track: string, expected: readonly string[], policy: TrialOptions['policy']): void {
  expect(new Trial({ policy: { ...policy } }).take(track)).toEqual(expected);
}

describe('a border of night between two fixes', () => {
  const nightFrom = (fromMinute: number): TrialOptions['policy'] => ({
    motion: { ...basePolicy.motion, night: { fromMinute, toMinute: 360, source: 'test' } },
    rules: settings('continuous-driving', { dayMaxS: 36_000, nightMaxS: fromMinute * 60 }),
  });

  test('parts what was driven between them', () => {
    const track = '0 50 0,0 \n 50 50 0,0 \n 110 50 0,0 \n 120 50 0,0';
    check(track, [], nightFrom(1));
    check(`${track} \n 121 50 0,0`, ['121 raised continuous-driving 1>1 L2'], nightFrom(1));
  });

  test('parts what was driven in a gap', () => {
    check('0 50 0,0 \n 7200 50 200,0', [], nightFrom(60));
    check('0 50 0,0 \n 7200 50 200,0 \n 7201 50 200,0', ['7201 raised continuous-driving 60>60 L2'], nightFrom(60));
  });
});

describe('hours that begin between two fixes', () => {
  test('of another fence do not keep an entry from being told', () => {
    const policy = { fences: [yard, school], rules: settings('fence-enter', {}) };
    check('0 20 10,0 \n 50 20 10,0 \n 65 20 0,0 \n 75 20 0,0', ['75 raised fence-enter yard L2'], policy);
  });

  test('of another fence do not keep a mixer from leaving its plant', () => {
    const policy = { fences: [plant, school], rules: settings('concrete-age', { maxS: 600 }) };
    check('0 20 0,0 \n 50 20 0,0 \n 65 20 10,0 \n 666 20 10,0', ['666 raised concrete-age 10>10 L2'], policy);
  });
});

describe('a plant', () => {
  const policy = { fences: [plant], rules: settings('concrete-age', { maxS: 600 }) };

  test('fills a mixer whose load nobody tells', () => {
    check('0 20 10,0 \n 10 20 0,0 \n 20 20 10,0 \n 621 20 10,0', ['621 raised concrete-age 10>10 L2'], policy);
  });

  test('does not fill one whose sensor or status bits have told that it is empty', () => {
    check('0 20 10,0 load=empty \n 10 20 0,0 \n 20 20 10,0 \n 621 20 10,0', [], policy);
    check('0 20 10,0 status8 \n 5 20 10,0 \n 10 20 0,0 \n 20 20 10,0 \n 621 20 10,0', [], policy);
  });
});

describe('a gap after which a fix has no place', () => {
  test('may have moved a vehicle that stands before and after', () => {
    const policy = { fences: [yard], rules: settings('fence-exit', {}) };
    check(
      '0 20 0,0 \n 10 20 0,0 \n 200 0 0,0 invalid \n 210 0 10,0 \n 220 0 10,0',
      ['220 raised fence-exit yard L2', '220 cleared fence-exit yard 210..220'],
      policy,
    );
  });

  test('is no stop of a vehicle that has not been seen anywhere yet', () => {
    const policy = { rules: settings('unauthorised-stop', { maxS: 60 }) };
    check('0 - 0,0 invalid \n 600 - 0,0', [], policy);
    check('0 - 0,0 \n 600 - 0,0', ['600 raised unauthorised-stop 10>1 L2'], policy);
  });
});

describe('a look at a silent vehicle', () => {
  const vehicles = [
    { id: 'truck', class: 'heavy' },
    { id: 'other', class: 'heavy' },
  ] as const;

  test('for the end of its rest does not hide that its stop gets too long later', () => {
    const rules = {
      ...settings('unauthorised-stop', { maxS: 1_500 }),
      ...settings('continuous-driving', { dayMaxS: 36_000, nightMaxS: 36_000 }),
    };
    const trial = new Trial({ vehicles, policy: { rules } });
    expect(trial.take('0 0 0,0 \n 1205 50 500,0 other')).toEqual([]);
    expect(trial.take('1505 50 500,0 other')).toEqual(['1506 raised unauthorised-stop 25>25 L2']);
  });

  test('tells the end of what its last fix has ended', () => {
    const trial = new Trial({ vehicles, policy: { rules: settings('offline', { movingS: 120, parkedS: 600 }) } });
    expect(trial.take('0 50 0,0 \n 200 50 500,0 other')).toEqual(['201 raised offline 3>2 L2']);
    expect(trial.take('300 50 0,0 \n 400 50 500,0 other')).toEqual(['401 cleared offline 0..300 3>2']);
  });
});
