import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** A stay is believed after 10 s; see `basePolicy`. 0,0 is inside of the yard, 10,0 far outside. */
const yard = fenceOf('yard', circle(0, 0, 100), { uses: ['enter', 'exit'], dwellMaxS: 60 });
const rules = {
  ...settings('fence-enter', {}),
  ...settings('fence-exit', {}),
  ...settings('zone-dwell', {}),
};
const world: TrialOptions = { policy: { fences: [yard], rules } };

function check(track: string, expected: readonly string[], options: TrialOptions = world): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('entering and leaving', () => {
  test('is told when it has lasted, from when it began', () => {
    check('0 20 10,0 \n 10 20 0,0 \n 20 20 0,0 \n 30 20 10,0 \n 40 20 10,0 \n 60 20 10,0', [
      '20 raised fence-enter yard L2',
      '40 raised fence-exit yard L2',
      '40 cleared fence-exit yard 30..40',
      '60 cleared fence-enter yard 10..30',
    ]);
  });

  test('one fix inside is none, one fix outside is none', () => {
    check('0 20 10,0 \n 10 20 0,0 \n 15 20 10,0 \n 40 20 10,0', []);
    check('0 20 10,0 \n 10 20 0,0 \n 20 20 0,0 \n 25 20 10,0 \n 30 20 0,0 \n 41 20 0,0', [
      '20 raised fence-enter yard L2',
    ]);
  });

  test('what a vague position leaves open, the next says that is sure, though it is the same', () => {
    const told = ['43 raised fence-exit yard L2', '43 cleared fence-exit yard 33..43'];
    check('0 20 0,0 \n 31 20 0,0 \n 32 20 10,0 acc400 \n 33 20 10,0 \n 43 20 10,0', told, {
      policy: { fences: [yard], rules: settings('fence-exit', {}) },
    });
    const entered = '30 20 10,0 \n 31 20 0,0 acc400 \n 32 20 0,0 \n 42 20 0,0';
    check(entered, ['42 raised fence-enter yard L2']);
  });

  test('being inside at first sight is no entry, leaving is an exit', () => {
    check('0 20 0,0 \n 30 20 0,0 \n 40 20 10,0 \n 50 20 10,0', [
      '50 raised fence-exit yard L2',
      '50 cleared fence-exit yard 40..50',
    ]);
  });

  test('a fence drawn around a vehicle was not entered by it', () => {
    const trial = new Trial({ policy: { rules } });
    expect(trial.take('0 20 0,0 \n 10 20 0,0')).toEqual([]);
    trial.setPolicy({ fences: [yard] });
    expect(trial.take('20 20 0,0 \n 40 20 0,0')).toEqual([]);
    expect(trial.take('50 20 10,0 \n 60 20 10,0')).toEqual([
      '60 raised fence-exit yard L2',
      '60 cleared fence-exit yard 50..60',
    ]);
  });

  test('a restart in the middle changes nothing', () => {
    const pieces = ['0 20 10,0', '10 20 0,0', '20 20 0,0', '30 20 10,0', '40 20 10,0'];
    const trial = new Trial(world);
    const told = pieces.flatMap((piece) => {
      trial.restart();
      return trial.take(piece);
    });
    expect(told).toEqual(new Trial(world).take(pieces.join('\n')));
    expect(told).toHaveLength(3);
  });

  test('a parked vehicle whose position jumps about enters and leaves nothing', () => {
    check('0 0 0,0 \n 10 0 10,0 \n 20 0 10,0 \n 30 0 0,0 \n 40 0 10,0 \n 55 0 10,0', []);
  });

  test('an inaccurate fix crosses no border', () => {
    check('0 20 10,0 \n 10 20 0,0 acc300 \n 25 20 0,0 acc300 \n 40 20 10,0', []);
  });

  test('what happened in a gap is told when it is known', () => {
    check('0 20 10,0 \n 600 20 0,0 \n 610 20 0,0', ['610 raised fence-enter yard L2']);
  });

  test('a fence that opens around a vehicle was not entered, one that closes was not left', () => {
    // Second 0 is Monday 00:00 in Shanghai.
    const hours = [{ days: [1], fromMinute: 1, toMinute: 2 }];
    check('0 20 0,0 \n 50 20 0,0 \n 65 20 0,0 \n 90 20 0,0 \n 121 20 0,0 \n 140 20 0,0', [], {
      policy: { fences: [{ ...yard, dwellMaxS: 600, schedule: hours }], rules },
    });
  });
});

describe('staying', () => {
  test('one fix inside is no stay, however late the next one comes', () => {
    check('0 20 10,0 \n 10 20 0,0 \n 90 20 10,0 \n 120 20 10,0', []);
    check('0 20 10,0 \n 10 20 0,0 \n 900 20 10,0 \n 930 20 10,0', []);
  });

  test('who drives through and falls silent is not known to be there', () => {
    const vehicles = [
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'heavy' },
    ] as const;
    const track = '0 50 10,0 \n 10 50 0,0 \n 20 50 0.5,0 \n 200 0 500,0 other \n 300 0 500,0 other';
    check(
      `${track} \n 310 50 20,0 \n 330 50 22,0`,
      ['20 raised fence-enter yard L2', '330 raised fence-exit yard L2', '330 cleared fence-exit yard 310..330'],
      { ...world, vehicles },
    );
  });

  test('too long is told at the first fix after it, and ends with the stay', () => {
    check('0 20 0,0 \n 60 20 0,0 \n 61 20 0,0 \n 70 20 10,0 \n 80 20 10,0 \n 100 20 10,0', [
      '61 raised zone-dwell yard 1>1 L2',
      '80 raised fence-exit yard L2',
      '80 cleared fence-exit yard 70..80',
      '100 cleared zone-dwell yard 0..70 1>1',
    ]);
  });

  test('too long is told by the time of the partition where the vehicle is silent', () => {
    const vehicles = [
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'heavy' },
    ] as const;
    check('0 0 0,0 \n 50 0 500,0 other \n 120 0 500,0 other', ['121 raised zone-dwell yard 2>1 L2'], {
      ...world,
      vehicles,
    });
  });
});
