import { describe, expect, test } from 'vitest';
import { settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** 10.8 km/h are 3 m/s in a second. Fixes more than 3 s apart say nothing, nor does anything up to 20 km/h. */
const harsh = { maxMss: 3, aboveKph: 20, gapMaxS: 3 };
const rules = {
  ...settings('harsh-acceleration', harsh),
  ...settings('harsh-braking', harsh),
  ...settings('harsh-cornering', harsh),
};
const world: TrialOptions = { policy: { rules } };

function check(track: string, expected: readonly string[], options: TrialOptions = world): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('accelerating and braking', () => {
  test.each([
    ['at the very bound', '0 30 0,0 \n 1 40.8 0,0.1', []],
    ['at the very bound, and something else is told', '0 30 0,0 \n 1 40.8 0,0.1 load=full', []],
    ['a little more', '0 30 0,0 \n 1 40.9 0,0.1', ['1 raised harsh-acceleration 3>3 L2']],
    ['the same in 2 s is half of it', '0 30 0,0 \n 2 40.9 0,0.1', []],
    ['three seconds are not too long', '0 20 0,0 \n 3 56 0,0.3', ['3 raised harsh-acceleration 3.3>3 L2']],
    ['a moment longer says nothing', '0 20 0,0 \n 3.1 80 0,0.3', []],
    ['slowly afterwards', '0 5 0,0 \n 1 20 0,0', []],
    ['a little faster afterwards', '0 5 0,0 \n 1 20.1 0,0', ['1 raised harsh-acceleration 4.2>3 L2']],
    ['braking to a stop', '0 30 0,0 \n 2 0 0,0.1', ['2 raised harsh-braking 4.2>3 L2']],
    ['braking at the very bound', '0 40.8 0,0 \n 1 30 0,0.1', []],
    ['braking from slow', '0 20 0,0 \n 1 0 0,0', []],
    ['braking from a little faster', '0 20.1 0,0 \n 1 0 0,0', ['1 raised harsh-braking 5.6>3 L2']],
  ])('%s', (_, track, expected) => {
    check(track, expected);
  });

  test('one alarm for what comes together, over when it has stayed away', () => {
    const calm = [9, 12, 15, 18, 21, 24, 25, 28, 29].map((atS) => `${atS} 45 0,${atS / 10}`).join('\n');
    check(`0 60 0,0 \n 1 48 0,0.1 \n 2 30 0,0.2 \n 5 30 0,0.5 \n 6 45 0,0.6 \n ${calm}`, [
      '1 raised harsh-braking 3.3>3 L2',
      '6 raised harsh-acceleration 4.2>3 L2',
      '25 cleared harsh-braking 1..5 5>3',
      '29 cleared harsh-acceleration 6..9 4.2>3',
    ]);
  });

  test('fixes that lie too far apart do not say that it is over: it ends as after a gap, where it was last seen', () => {
    check('0 60 0,0 \n 1 40 0,0.1 \n 31 40 0,0.4 \n 61 40 0,0.8 \n 92 40 0,1.2', [
      '1 raised harsh-braking 5.6>3 L2',
      '92 cleared harsh-braking 1..1 5.6>3 gap',
    ]);
  });

  test('a speed that is derived says nothing of it', () => {
    check('0 - 0,0 \n 2 - 0,0.1 \n 4 - 0,0.6 \n 6 - 0,0.7', []);
    check('0 60 0,0 \n 2 - 0,0.01 \n 4 60 0,0.4', []);
  });

  test('what a terminal says without a position is no speed', () => {
    check('0 60 0,0 \n 1 0 0,0 invalid \n 2 60 0,0.3 \n 3 60 0,0.4', []);
  });
});

describe('cornering', () => {
  // 36 km/h are 10 m/s: 17.1 degrees in a second are 2.98 m/s², 17.3 are 3.02.
  test.each([
    ['below the bound', '0 36 0,0 h0 \n 1 36 0,0.1 h17.1', []],
    ['above', '0 36 0,0 h0 \n 1 36 0,0.1 h17.3', ['1 raised harsh-cornering 3>3 L2']],
    ['to the left, over north', '0 36 0,0 h10 \n 1 36 0,0.1 h350', ['1 raised harsh-cornering 3.5>3 L2']],
    ['slowly a truck turns as it likes', '0 20 0,0 h0 \n 1 20 0,0 h90', []],
    ['no heading', '0 36 0,0 h0 \n 1 36 0,0.1 \n 2 36 0,0.2 h60', []],
    ['too far apart', '0 36 0,0 h0 \n 3.1 36 0,0.1 h170', []],
    ['a heading without a position', '0 36 0,0 h180 \n 1 36 0,0 h0 invalid \n 2 36 0,0.2 h180', []],
  ])('%s', (_, track, expected) => {
    check(track, expected);
  });
});

test('told late it is late, and a story that is told again is none', () => {
  const trial = new Trial(world);
  trial.take('0 60 0,0 \n 1000 60 0,100 \n 1001 60 0,100.1 \n 1002 60 0,100.2');
  expect(trial.takeSettled('400 60 0,50 \n 401 40 0,50.1')).toEqual(['401 raised harsh-braking late 5.6>3 L2']);
  expect(trial.takeSettled('400 60 0,50 \n 401 40 0,50.1')).toEqual([]);
  // Older than what the live lane has seen without a gap: it has been judged.
  expect(trial.takeSettled('1010 60 0,101 \n 1000.5 10 0,100.05')).toEqual([]);
});

test('a restart between both fixes changes nothing', () => {
  const trial = new Trial(world);
  trial.take('0 60 0,0 h0');
  trial.restart();
  expect(trial.take('1 40 0,0.1 h40')).toEqual([
    '1 raised harsh-braking 5.6>3 L2',
    '1 raised harsh-cornering 7.8>3 L2',
  ]);
});

test('coaches have bounds of their own', () => {
  const cases = [
    { when: { classes: ['coach'] }, level: 3, tier: 'T2', thresholds: { maxMss: { value: 2, source: 'test' } } },
  ] as const;
  const options: TrialOptions = {
    vehicles: [
      { id: 'truck', class: 'heavy' },
      { id: 'bus', class: 'coach' },
    ],
    policy: { rules: settings('harsh-braking', harsh, { cases }) },
  };
  check('0 60 0,0 \n 0 60 0,0 bus \n 1 51 0,0.1 \n 1 51 0,0.1 bus', ['1 raised harsh-braking bus 2.5>2 L3'], options);
});
