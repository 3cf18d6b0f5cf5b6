import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** 0,0 is in the plant, 20,0 at a site where concrete may be discharged. */
const plant = fenceOf('plant', circle(0, 0, 200), { uses: ['plant'] });
const site = fenceOf('site', circle(20, 0, 200), { uses: ['discharge-site'] });

function worldOf(rules: object, fences = [plant, site]): TrialOptions {
  const vehicles = [
    { id: 'truck', class: 'mixer' },
    { id: 'other', class: 'heavy' },
  ] as const;
  return { vehicles, policy: { rules, fences } };
}

function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('drum-reverse', () => {
  const when = { outside: ['plant', 'discharge-site'] } as const;
  const options = worldOf(settings('drum-reverse', {}, { minDurationS: 30, when }));

  test('is told when it has lasted, not one fix before, and over when it has stayed away', () => {
    const track = '0 40 9,0 drum=forward \n 10 0 9,0 drum=reverse \n 39 0 9,0';
    check(track, [], options);
    check(
      `${track} \n 40 0 9,0 \n 60 0 9,0 drum=stopped \n 79 0 9,0 \n 80 0 9,0`,
      ['40 raised drum-reverse L2', '80 cleared drum-reverse 10..60'],
      options,
    );
  });

  test('a turn back that frees the drum is none', () => {
    check('0 0 9,0 drum=reverse \n 20 0 9,0 drum=forward \n 30 0 9,0 drum=reverse \n 59 0 9,0', [], options);
  });

  test('in the plant and at the site it may; driving away with it is one', () => {
    check('0 0 0,0 drum=reverse \n 60 0 0,0', [], options);
    check('0 0 20,0 drum=reverse \n 60 0 20,0 \n 80 20 23,0 \n 110 20 25,0', ['110 raised drum-reverse L2'], options);
  });

  test('driving in ends it', () => {
    check(
      '0 20 9,0 drum=reverse \n 30 20 9,0 \n 60 20 20,0 \n 80 0 20,0',
      ['30 raised drum-reverse L2', '80 cleared drum-reverse 0..60'],
      options,
    );
  });

  test('another class has no drum that anybody asks about', () => {
    const mixers = settings('drum-reverse', {}, { when: { classes: ['mixer'] } });
    check('0 0 9,0 other drum=reverse \n 60 0 9,0 other', [], worldOf(mixers));
    check('0 0 9,0 drum=reverse', ['0 raised drum-reverse L2'], worldOf(mixers));
  });

  test('told late it is late', () => {
    const told = '0 40 9,0 \n 1000 40 9,0 \n 400 0 9,0 drum=reverse \n 430 0 9,0 \n 1010 40 9.1,0';
    expect(new Trial(options).takeSettled(told)).toEqual(['430 raised drum-reverse late L2']);
  });
});

describe('drum-stopped-laden', () => {
  const options = worldOf(settings('drum-stopped-laden', {}, { minDurationS: 30 }));

  test('laden, and it does not turn', () => {
    check(
      '0 40 9,0 load=full drum=forward \n 10 40 9,0 drum=stopped \n 39 40 9,0 \n 40 40 9,0 \n 50 0 9,0 load=empty \n 70 0 9,0',
      ['40 raised drum-stopped-laden L2', '70 cleared drum-stopped-laden 10..50'],
      options,
    );
  });

  test.each([
    ['empty', '0 40 9,0 load=empty drum=stopped \n 60 40 9,0'],
    ['turning', '0 40 9,0 load=full drum=forward \n 60 40 9,0'],
    ['nobody tells the load', '0 40 9,0 drum=stopped \n 60 40 9,0'],
    ['nobody tells the drum', '0 40 9,0 load=full \n 60 40 9,0'],
  ])('%s: none', (_, track) => {
    check(track, [], options);
  });

  test('who leaves the plant is laden where no sensor says otherwise', () => {
    check('0 10 0,0 drum=forward \n 30 10 9,0 drum=stopped \n 60 10 9,0', ['60 raised drum-stopped-laden L2'], options);
    check('0 10 0,0 drum=forward \n 30 10 9,0 drum=stopped load=empty \n 60 10 9,0 load=empty', [], options);
  });
});

describe('concrete-age', () => {
  const options = worldOf(settings('concrete-age', { maxS: 600 }));

  test('from loading on: at the very limit it is good, a moment later it is not', () => {
    const track = Array.from({ length: 11 }, (_, i) => `${60 + 60 * i} 40 ${9 + i},0 load=full`).join('\n');
    check(`0 0 9,0 load=empty \n ${track}`, [], options);
    check(
      `0 0 9,0 load=empty \n ${track} \n 661 40 20,0 \n 700 0 20,0 load=empty \n 720 0 20,0`,
      ['661 raised concrete-age 10>10 L2', '720 cleared concrete-age 660..700 10>10'],
      options,
    );
  });

  test('from leaving the plant on, where nobody tells the load; coming back ends it', () => {
    const track = Array.from({ length: 11 }, (_, i) => `${90 + 60 * i} 40 ${9 + i},0`).join('\n');
    check(
      `0 0 0,0 \n 30 20 9,0 \n ${track} \n 720 40 1,0 \n 740 40 0.1,0`,
      ['690 raised concrete-age 11>10 L2', '740 cleared concrete-age 630..720 11>10'],
      options,
    );
  });

  test('who was laden when first seen has an age that nobody knows', () => {
    const track = Array.from({ length: 20 }, (_, i) => `${60 * i} 40 ${9 + i},0 load=full`).join('\n');
    check(track, [], options);
    check(track.replaceAll('load=full', ''), [], options);
  });

  test('a plant that is closed or deleted around a mixer was not left by it', () => {
    const hours = [{ days: [1], fromMinute: 0, toMinute: 1 }];
    const stands = Array.from({ length: 15 }, (_, i) => `${60 * i} 0 0,0`).join('\n');
    check(stands, [], worldOf(settings('concrete-age', { maxS: 600 }), [{ ...plant, schedule: hours }]));
    const trial = new Trial(options);
    expect(trial.take('0 0 0,0 \n 30 0 0,0')).toEqual([]);
    trial.setPolicy({ fences: [site] });
    expect(trial.take(stands.split('\n').slice(1).join('\n'))).toEqual([]);
  });

  test('is told by the time of the partition where the mixer is silent', () => {
    const trial = new Trial(options);
    expect(trial.take('0 0 9,0 load=empty \n 60 40 9,0 load=full')).toEqual([]);
    expect(trial.advance(660)).toEqual([]);
    expect(trial.advance(670)).toEqual(['670 raised concrete-age 10>10 L2']);
    expect(trial.advance(700)).toEqual([]);
    expect(trial.take('800 0 9,0 load=empty \n 820 0 9,0')).toEqual(['820 cleared concrete-age 660..800 10>10']);
  });

  test('a restart while it is silent forgets nothing', () => {
    const trial = new Trial(options);
    trial.take('0 0 0,0 \n 60 40 9,0');
    trial.restart();
    expect(trial.advance(670)).toEqual(['670 raised concrete-age 10>10 L2']);
    trial.restart();
    expect(trial.advance(690)).toEqual([]);
  });
});

describe('bend-speed', () => {
  // 36 km/h are 10 m/s: 28.6 degrees in 2 s are 2.496 m/s², 28.7 are 2.505.
  const options = worldOf(settings('bend-speed', { maxMss: 2.5 }));

  test('by speed and change of heading', () => {
    check('0 36 9,0 h0 \n 2 36 9,0.1 h28.6', [], options);
    check('0 36 9,0 h0 \n 2 36 9,0.1 h28.7', ['2 raised bend-speed 2.5>2.5 L2'], options);
    check('0 36 9,0 h350 \n 2 36 9,0.1 h310', ['2 raised bend-speed 3.5>2.5 L2'], options);
  });

  test('two fixes more than 3 s apart say nothing', () => {
    check('0 72 9,0 h0 \n 3 72 9,0.1 h60', ['3 raised bend-speed 7>2.5 L2'], options);
    check('0 72 9,0 h0 \n 4 72 9,0.1 h120', [], options);
  });

  test('over when it has stayed away', () => {
    check(
      '0 36 9,0 h0 \n 2 36 9,0.1 h40 \n 3 36 9,0.2 h40 \n 22 36 9,0.9 h40 \n 23 36 9,1 h40',
      ['2 raised bend-speed 3.5>2.5 L2', '23 cleared bend-speed 2..3 3.5>2.5'],
      options,
    );
  });
});
