import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** Told at once, over after 20 s, gaps from 90 s unless told otherwise; see `settings` and `basePolicy`. */
function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

function rulesOf(rules: object, more: object = {}): TrialOptions {
  return { policy: { rules, ...more } };
}

describe('cover-open', () => {
  const options = rulesOf(settings('cover-open', {}, { minDurationS: 10 }));

  test('laden, moving, open: from when it holds, not one fix before its minimum', () => {
    const track = '0 40 0,0 load=full cover=closed \n 10 40 1,0 cover=open \n 19 40 2,0';
    check(track, [], options);
    check(`${track} \n 20 40 3,0`, ['20 raised cover-open L2'], options);
  });

  test.each([
    ['empty', '0 40 0,0 load=empty cover=open \n 60 40 1,0'],
    ['closed', '0 40 0,0 load=full cover=closed \n 60 40 1,0'],
    ['standing', '0 0 0,0 load=full cover=open \n 60 0 0,0'],
    ['nobody tells the load', '0 40 0,0 cover=open \n 60 40 1,0'],
    ['nobody tells the cover', '0 40 0,0 load=full \n 60 40 1,0'],
    ['nobody knows whether it moves', '0 - 0,0 load=full cover=open \n 60 0 0,0 invalid'],
  ])('%s: none', (_, track) => {
    check(track, [], options);
  });

  test('the load by status bits 8 and 9 is as good', () => {
    check('0 40 0,0 cover=open status8 \n 10 40 1,0 status8', ['10 raised cover-open L2'], options);
    check('0 40 0,0 cover=open status8,9 \n 10 40 1,0 status8,9', ['10 raised cover-open L2'], options);
    // 10 is reserved.
    check('0 40 0,0 cover=open status9 \n 10 40 1,0 status9', [], options);
  });

  test('a stop ends it when it has lasted; a short one does not', () => {
    check(
      '0 40 0,0 load=full cover=open \n 10 40 1,0 \n 20 0 1,0 \n 39 40 2,0 \n 50 0 2,0 \n 69 0 2,0 \n 70 0 2,0',
      ['10 raised cover-open L2', '70 cleared cover-open 0..50'],
      options,
    );
  });

  test('a gap ends it where it was last seen; what comes after is another one', () => {
    check(
      '0 40 0,0 load=full cover=open \n 10 40 1,0 \n 100 40 2,0 \n 191 40 3,0 \n 201 40 4,0',
      ['10 raised cover-open L2', '191 cleared cover-open 0..100 gap', '201 raised cover-open L2'],
      options,
    );
  });
});

describe('body-lifted', () => {
  const tip = fenceOf('tip', circle(0, 0, 200), { uses: ['dump-site'] });
  const options = rulesOf(settings('body-lifted', {}, { when: { outside: ['dump-site'] } }), { fences: [tip] });

  test('where it may be it is none; driving out with it is one, driving in ends it', () => {
    check(
      '0 10 0,0 lift=raised \n 30 10 1,0 \n 60 10 9,0 \n 90 10 0,0 \n 109 10 0.1,0 \n 110 10 0.2,0',
      ['60 raised body-lifted L2', '110 cleared body-lifted 60..90'],
      options,
    );
  });

  test('one false reading is none where a minimum is asked', () => {
    const slow = rulesOf(settings('body-lifted', {}, { minDurationS: 10 }));
    check('0 40 0,0 lift=flat \n 10 40 1,0 lift=raised \n 15 40 2,0 lift=flat \n 40 40 3,0 lift=flat', [], slow);
    check('0 40 0,0 lift=raised \n 10 40 1,0 lift=raised', ['10 raised body-lifted L2'], slow);
  });

  test('a restart in the middle changes nothing', () => {
    const pieces = ['0 10 9,0 lift=raised', '30 10 9.1,0', '60 10 9.2,0 lift=flat', '90 10 9.3,0'];
    const trial = new Trial(options);
    const told = pieces.flatMap((piece) => {
      trial.restart();
      return trial.take(piece);
    });
    expect(told).toEqual(['0 raised body-lifted L2', '90 cleared body-lifted 0..60']);
  });
});

describe('body-lifted-moving', () => {
  const options = rulesOf(settings('body-lifted-moving', { aboveKph: 10 }));

  test('at the very bound it creeps, above it drives', () => {
    check('0 0 0,0 lift=raised \n 30 10 0.1,0 \n 60 10.1 0.2,0', ['60 raised body-lifted-moving 10.1>10 L2'], options);
  });

  test('it speeds up long after the body was told to be up', () => {
    const creeping = Array.from({ length: 100 }, (_, i) => `${1 + i} 8 ${i / 50},0`).join('\n');
    check(`0 8 0,0 lift=raised \n ${creeping} \n 101 15 2,0.01`, ['101 raised body-lifted-moving 15>10 L2'], options);
  });

  test('a speed that is derived counts and says so', () => {
    const [step] = new Trial(options).steps('0 - 0,0 lift=raised \n 10 - 0,1');
    expect(step).toMatchObject({ rule: 'body-lifted-moving', value: 40, derived: true });
  });
});

describe('suspicious-dump and suspicious-load', () => {
  const tip = fenceOf('tip', circle(0, 0, 200), { uses: ['dump-site'] });
  const pit = fenceOf('pit', circle(20, 0, 200), { uses: ['loading-site'] });
  const asked = (minDurationS: number): TrialOptions =>
    rulesOf(
      {
        ...settings('suspicious-dump', {}, { minDurationS, when: { outside: ['dump-site'] } }),
        ...settings('suspicious-load', {}, { minDurationS, when: { outside: ['loading-site'] } }),
      },
      { fences: [tip, pit] },
    );
  const [atOnce, after30] = [asked(0), asked(30)];

  test('where it is approved both are none, driving away empty neither', () => {
    check(
      '0 0 20,0 load=empty \n 60 0 20,0 load=full \n 120 40 10,0 \n 180 0 0,0 load=empty \n 240 40 9,0',
      [],
      atOnce,
    );
  });

  test('elsewhere each is one, from when the load changed, for ten minutes', () => {
    const minutes = (from: number): string =>
      Array.from({ length: 11 }, (_, i) => `${from + 60 * i} 40 ${9 + i / 10},0`).join('\n');
    check(
      `0 0 9,0 load=empty \n 60 0 9,0 load=full \n ${minutes(120)} \n 780 0 9,0 load=empty`,
      ['60 raised suspicious-load L2', '780 raised suspicious-dump L2', '780 cleared suspicious-load 60..720'],
      atOnce,
    );
  });

  test('judged by where it changed: driving on into an approved place excuses nothing, driving out of one accuses nobody', () => {
    check(
      '0 40 9,0 load=full \n 70 5 9,0 load=empty \n 85 40 0,0 \n 100 40 0.1,0',
      ['100 raised suspicious-dump L2'],
      after30,
    );
    check('0 40 0,0 load=full \n 70 5 0,0 load=empty \n 85 40 9,0 \n 160 40 10,0', [], after30);
  });

  test('by status bits: 00 is empty of a truck that has shown a load by them', () => {
    check('0 40 9,0 \n 60 0 9,0 status8,9', ['60 raised suspicious-load L2'], atOnce);
    check('0 40 9,0 status8,9 \n 70 40 9,0 status8,9 \n 80 0 9,0', ['80 raised suspicious-dump L2'], atOnce);
    check('0 40 9,0 \n 60 40 9.1,0 \n 120 40 9.2,0', [], atOnce);
  });

  test('what the sensor tells outranks the status bits', () => {
    check('0 40 9,0 load=full status8,9 \n 60 40 9,0 load=full \n 70 40 9,0 load=full', [], atOnce);
  });

  test('who is laden at first sight was not loaded there', () => {
    check('0 40 9,0 load=full \n 60 40 10,0 load=full', [], atOnce);
    check('0 40 9,0 \n 30 40 9.1,0 load=full \n 60 40 10,0 load=full', [], atOnce);
    check('0 40 9,0 status8,9 \n 60 40 10,0 status8,9', [], atOnce);
  });

  test('half a load more or less is none', () => {
    check('0 40 9,0 load=half \n 60 40 10,0 load=full \n 120 40 11,0 load=half', [], atOnce);
  });

  test('a sensor that flickers is none, neither as it goes nor as it comes back', () => {
    const laden = '0 40 9,0 load=full \n 80 40 9,0 load=full';
    check(
      `${laden} \n 90 40 9,0 load=empty \n 119 40 9,0 load=full \n 150 40 9,0 load=full \n 240 40 9,0 load=full`,
      [],
      after30,
    );
    const chatter = Array.from(
      { length: 30 },
      (_, i) => `${90 + 10 * i} 40 9,0 load=${i % 2 === 0 ? 'empty' : 'full'}`,
    );
    check([laden, ...chatter].join('\n'), [], after30);
    check(
      `${laden} \n 90 40 9,0 load=empty \n 119 40 9,0 load=empty \n 120 40 9,0`,
      ['120 raised suspicious-dump L2'],
      after30,
    );
  });

  test('what came before a flicker goes on after it', () => {
    // Loaded at 80; a minute later the sensor drops out for one fix.
    check(
      '0 40 9,0 load=empty \n 80 40 9,0 load=full \n 110 40 9,0 load=full \n 150 40 9,0 load=empty \n 160 40 9,0 load=full \n 200 40 9,0',
      ['110 raised suspicious-load L2'],
      after30,
    );
  });

  test('the alarm of a change lasts over a gap and ends when ten minutes are over', () => {
    check(
      '0 40 9,0 load=full \n 70 0 9,0 load=empty \n 500 0 9,0 \n 700 0 9,0 \n 730 0 9,0',
      ['70 raised suspicious-dump L2', '730 cleared suspicious-dump 70..700'],
      atOnce,
    );
  });

  test('told late it is late; the live lane neither repeats nor ends it', () => {
    const trial = new Trial(atOnce);
    expect(trial.take('0 40 15,0 load=empty \n 1000 40 16,0 load=empty')).toEqual([]);
    expect(trial.takeSettled('400 40 9,0 load=full \n 450 40 9,0 load=full \n 500 0 9,0 load=empty')).toEqual([
      '400 raised suspicious-load late L2',
      '500 raised suspicious-dump late L2',
    ]);
    expect(trial.take('1030 40 17,0 load=empty \n 1060 40 18,0')).toEqual([]);
    expect(trial.take('1100 40 19,0 @1100 \n 1701 40 19,0 @1701')).toEqual([
      '500 cleared suspicious-load late 400..450 late-lane-over',
      '500 cleared suspicious-dump late 500..500 late-lane-over',
    ]);
  });

  test('a restart between load and alarm forgets nothing', () => {
    const trial = new Trial(after30);
    expect(trial.take('0 40 9,0 load=full \n 70 5 9,0 load=empty')).toEqual([]);
    trial.restart();
    expect(trial.take('100 40 0,0')).toEqual(['100 raised suspicious-dump L2']);
  });
});
