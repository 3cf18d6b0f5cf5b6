import { describe, expect, test } from 'vitest';
import { basePolicy } from './_policy.ts';
import { Trial } from './_trial.ts';

/** The button's alarm is over 20 s after it was released; reorder up to 5 s; late lanes idle after 600 s. */
function check(track: string, expected: readonly string[]): void {
  expect(new Trial().take(track)).toEqual(expected);
}

describe('the emergency button', () => {
  test('is raised at once and is over when it has been released for long enough', () => {
    check(
      `
       0 20 sos
      10 20 sos
      20 20
      39 20
      40 20`,
      ['0 raised sos L4', '40 cleared sos 0..20'],
    );
  });

  test('pressed again within the wait it is the same alarm', () => {
    check('0 20 sos \n 10 20 \n 20 20 sos \n 30 20 \n 50 20', ['0 raised sos L4', '50 cleared sos 0..30']);
  });

  test('runs across gaps', () => {
    check('0 20 sos \n 1000 20 sos \n 2000 20 \n 2020 20', ['0 raised sos L4', '2020 cleared sos 0..2000']);
  });

  test('after an hour without any sign of the button a press is another', () => {
    check('0 20 sos \n 3600 20 sos \n 7200 20 \n 7210 20 sos \n 10811 20 sos', [
      '0 raised sos L4',
      '10811 cleared sos 0..7210 gap',
      '10811 raised sos L4',
    ]);
  });

  test('heard again after a day, pressed or not, it has ended where it was last pressed', () => {
    check('0 20 sos \n 10 20 sos \n 72000 20 sos', [
      '0 raised sos L4',
      '72000 cleared sos 0..10 gap',
      '72000 raised sos L4',
    ]);
    check('0 20 sos \n 10 20 sos \n 72000 20', ['0 raised sos L4', '72000 cleared sos 0..10 gap']);
  });

  test('where the policy has longer gaps, it lasts across those', () => {
    const trial = new Trial({ policy: { time: { ...basePolicy.time, gapMaxS: { value: 7_200, source: 'test' } } } });
    expect(trial.take('0 20 sos \n 7200 20 sos \n 14401 20 sos')).toEqual([
      '0 raised sos L4',
      '14401 cleared sos 0..7200 gap',
      '14401 raised sos L4',
    ]);
  });

  test('a press out of order and one under a wrong clock are others, too', () => {
    check('0 20 sos \n 90000 20 sos @3700', ['0 raised sos L4', '3700 cleared sos 0..0 gap', '3700 raised sos L4']);
    check('0 20 sos \n 5000 20 invalid \n 4998 20 sos', [
      '0 raised sos L4',
      '5000 cleared sos 0..0 gap',
      '4998 raised sos L4',
    ]);
  });

  test('a release counts where there is no position too', () => {
    check('0 20 sos invalid \n 10 20 invalid \n 30 20 invalid', ['0 raised sos L4', '30 cleared sos 0..10']);
  });
});

describe('a press counts whatever else is wrong', () => {
  test.each([
    ['an invalid position', '0 20 \n 10 20 sos invalid', '10 raised sos L4'],
    ['the first words of a vehicle, without a position', '0 20 sos invalid', '0 raised sos L4'],
    ['a row that the decoder refused', '0 20 \n 10 20 sos broken', '10 raised sos L4'],
    ['a clock 20 h ahead: the time of receipt counts', '0 20 \n 72010 20 sos @11', '11 raised sos L4'],
    ['a duplicate of a fix without it', '0 20 \n 0 20 sos', '0 raised sos L4'],
    ['a duplicate of an older fix without it', '0 20 \n 30 20 \n 60 20 \n 0 20 sos', '0 raised sos L4'],
    ['a small reorder', '0 20 \n 10 20 \n 7 20 sos', '7 raised sos L4'],
    ['late', '0 20 \n 1000 20 \n 500 20 sos', '500 raised sos late L4'],
    ['late, in a refused row', '1000 20 \n 500 20 sos broken', '500 raised sos late L4'],
    ['a clock years behind', '1000 20 \n -90000000 20 sos', '-90000000 raised sos late L4'],
    ['from a blind zone', '1000 20 \n 1010 20 sos blind', '1010 raised sos late L4'],
    ['a duplicate of a late fix without it', '1000 20 \n 500 20 \n 500 20 sos', '500 raised sos late L4'],
  ])('%s', (_, track, expected) => {
    check(track, [expected]);
  });

  test('late in a refused row: its alarm ends with the late lane', () => {
    check('1000 20 @1000 \n 500 20 sos broken @1000 \n 1599 20 @1599.9 \n 1600 20 @1600', [
      '500 raised sos late L4',
      '500 cleared sos late 500..500 late-lane-over',
    ]);
  });

  test('in a duplicate, after eight fixes that have taken the place of an older press', () => {
    check('0 20 sos \n 10 20 \n 30 20 \n 40 20 \n 50 20 \n 60 20 \n 70 20 \n 80 20 \n 90 20 \n 90 20 sos', [
      '0 raised sos L4',
      '30 cleared sos 0..10',
      '90 raised sos L4',
    ]);
  });

  test('a vehicle that nobody knows has no alarm', () => {
    check('0 20 sos stranger', []);
  });

  test('without any position the alarm has no place', () => {
    const [raised] = new Trial().steps('0 20 5,5 sos invalid');
    expect(raised).not.toHaveProperty('lonDeg');
    const [late] = new Trial().steps('1000 20 5,5 \n 500 20 9,9 sos invalid');
    expect(late).not.toHaveProperty('lonDeg');
    const [later] = new Trial().steps('0 20 5,5 \n 10 20 9,9 sos invalid');
    expect(later).toMatchObject({ lonDeg: 121.405, latDeg: 31.205 });
  });

  test('a fix with a clock ahead that is sent again is one press', () => {
    check('0 20 @1 \n 72010 20 sos @11 \n 72010 20 sos @11 \n 20 20 \n 40 20', [
      '11 raised sos L4',
      '40 cleared sos 11..20',
    ]);
  });
});

describe('under a clock that stays ahead', () => {
  test('the alarm ends when the button is released, and the next press is another', () => {
    check(
      `
         0 20 @1
      1010 20 sos @10
      1020 20 sos @20
      1030 20 @30
      1049 20 @49
      1050 20 @50
      9000 20 sos @8000`,
      ['10 raised sos L4', '50 cleared sos 10..30', '8000 raised sos L4'],
    );
  });

  test('pressed again within the wait it is the same alarm', () => {
    check('1010 20 sos @10 \n 1020 20 @20 \n 1030 20 sos @30 \n 1045 20 @45 \n 1060 20 @60 \n 1065 20 @65', [
      '10 raised sos L4',
      '65 cleared sos 10..45',
    ]);
  });

  test('a clock that has come right goes on with what it said before', () => {
    check('0 20 @1 \n 1010 20 sos @10 \n 1020 20 @20 \n 30 20 @31 \n 40 20 @41', [
      '10 raised sos L4',
      '40 cleared sos 10..20',
    ]);
  });

  test.each([
    ['a row that the decoder refused', '1020 20 broken @20 \n 1050 20 broken @50'],
    ['what is told from a blind zone', '1020 20 blind @20 \n 1050 20 blind @50'],
    ['what was received before the newest press', '1020 20 @8 ^8 \n 1021 20 @9 ^9'],
    ['of another vehicle', '1020 20 other @20 \n 1050 20 other @50'],
  ])('no release: %s', (_, track) => {
    const trial = new Trial({
      vehicles: [
        { id: 'truck', class: 'heavy' },
        { id: 'other', class: 'heavy' },
      ],
    });
    expect(trial.take(`1010 20 sos @10 \n ${track}`)).toEqual(['10 raised sos L4']);
  });
});

describe('what comes again or too late changes nothing of an open or closed alarm', () => {
  test('a duplicate of the press after the release', () => {
    check('0 20 sos \n 10 20 \n 0 20 sos \n 30 20', ['0 raised sos L4', '30 cleared sos 0..10']);
  });

  test('a duplicate of the press after the end', () => {
    check('0 20 sos \n 10 20 \n 30 20 \n 0 20 sos \n 40 20 \n 60 20', ['0 raised sos L4', '30 cleared sos 0..10']);
  });

  test('a duplicate of a press that is older than the reorder allowance does not make a late alarm', () => {
    check('0 20 sos \n 10 20 sos \n 20 20 sos \n 0 20 sos', ['0 raised sos L4']);
  });

  test('a press out of order after the release is the press that is known', () => {
    check('0 20 sos \n 10 20 \n 8 20 sos \n 30 20', ['0 raised sos L4', '30 cleared sos 0..10']);
  });

  test('a late duplicate of a late press', () => {
    const trial = new Trial();
    expect(trial.take('1000 20 \n 500 20 sos \n 510 20 \n 530 20 \n 500 20 sos')).toEqual(['500 raised sos late L4']);
    expect(trial.settle()).toEqual(['530 cleared sos late 500..510']);
    expect(trial.takeSettled('500 20 sos \n 500 20 1,1 sos')).toEqual([]);
  });

  test('it never ends before it began: a press at its receipt, then a release stamped before', () => {
    check('72010 20 sos @11 \n 10 20 @12 \n 30 20', ['11 raised sos L4', '30 cleared sos 11..11']);
    check('72010 20 sos @11 \n 2 20 sos @12 \n 5 20 \n 25 20', ['11 raised sos L4', '25 cleared sos 11..11']);
  });
});

describe('an emergency that is told again from a blind zone calls nobody again', () => {
  /** Two emergencies, at 0 and at 1000, both over by 1100. Late lanes are idle after 600 s. */
  const two = `
       0 20 sos \n 10 20 sos \n 20 20 \n 40 20 \n 100 20
    1000 20 sos \n 1010 20 sos \n 1020 20 \n 1040 20 \n 1100 20`;

  test.each([
    ['the newest', '1000 20 1,1 sos blind @1101 \n 1010 20 1,1 sos blind @1101'],
    ['one before it', '0 20 1,1 sos blind @1101 \n 10 20 1,1 sos blind @1101'],
    ['between two of its presses', '5 20 1,1 sos blind @1101'],
    ['in a refused row', '5 20 1,1 sos broken @1101'],
  ])('%s', (_, again) => {
    const trial = new Trial();
    expect(trial.take(two).filter((step) => step.includes('raised'))).toHaveLength(2);
    trial.restart();
    expect(trial.take(again)).toEqual([]);
    expect(trial.advance(5_000)).toEqual([]);
  });

  test('nor one that was told late itself', () => {
    const trial = new Trial();
    const late = (atS: number) => `300 20 1,1 sos blind @${atS} \n 310 20 1,1 sos blind @${atS}`;
    trial.take(two);
    expect(trial.take(late(1_101))).toEqual(['300 raised sos late L4']);
    expect(trial.advance(1_800)).toEqual(['310 cleared sos late 300..310 late-lane-over']);
    trial.restart();
    expect(trial.take(late(1_900))).toEqual([]);
    expect(trial.advance(5_000)).toEqual([]);
  });

  test('another at a time between them is news, and a repetition does not end it', () => {
    const trial = new Trial();
    trial.take(two);
    expect(trial.take('500 20 1,1 sos blind @1101 \n 1000 20 1,1 sos blind @1101')).toEqual(['500 raised sos late L4']);
    expect(trial.take('1025 20 1,1 blind @1102 \n 1045 20 1,1 blind @1103')).toEqual([]);
  });

  test('of each vehicle the sixteen newest are known, for three days', () => {
    const trial = new Trial();
    const press = (atS: number) => `${atS} 20 sos \n ${atS + 10} 20 \n ${atS + 40} 20`;
    let x = 0;
    const again = (atS: number) => {
      // Each time at another place, so that it is no duplicate.
      x += 1;
      return trial.take(`${atS} 20 ${x},1 sos blind`).filter((step) => step.includes('raised'));
    };
    const starts = Array.from({ length: 17 }, (_, i) => i * 1_000);
    trial.take(starts.map(press).join('\n'));
    expect(again(16_000)).toEqual([]);
    expect(again(1_000)).toEqual([]);
    expect(again(0)).toEqual(['0 raised sos late L4']);
    // A press three days later makes those before it forgotten.
    trial.take(press(300_000));
    expect(again(16_000)).toEqual(['16000 raised sos late L4']);
    expect(again(300_000)).toEqual([]);
  });
});
