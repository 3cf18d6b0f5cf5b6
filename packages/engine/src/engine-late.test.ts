import { describe, expect, test } from 'vitest';
import { circle, fenceOf } from './_policy.ts';
import { shortStep, Trial } from './_trial.ts';

type Books = Partial<Record<'fixes' | 'late' | 'reordered' | 'duplicates' | 'alarmsRaised', number>>;

/** Limit 60, over at 55 for 20 s, held 30 s, gaps from 90 s, reorder up to 5 s, late lanes idle after 600 s. */
function check(track: string, expected: readonly string[], books: Books = {}): void {
  const trial = new Trial();
  expect(trial.take(track)).toEqual(expected);
  expect(trial.engine.counters).toMatchObject(books);
}

describe('the late lane', () => {
  test('raises the same alarms, marked late, and closes what is open when it falls idle', () => {
    check(
      `
      1000 50
       100 70
       130 70
       140 50
       160 50
       200 70
       230 80
      1601 50 @1601
      1602 50 @1602`,
      [
        '130 raised overspeed late 70>60 L2',
        '160 cleared overspeed late 100..140 70>60',
        '230 raised overspeed late 80>60 L2',
        '230 cleared overspeed late 200..230 80>60 late-lane-over',
      ],
      { fixes: 9, late: 6 },
    );
  });

  test('is idle exactly at its time, by the receipt times of the partition', () => {
    const late = '1000 50 @1000 \n 100 70 @1000 \n 130 70 @1000';
    const raised = '130 raised overspeed late 70>60 L2';
    check(`${late}\n 1599 50 @1599.999`, [raised]);
    check(`${late}\n 1599 50 @1600`, [raised, '130 cleared overspeed late 100..130 70>60 late-lane-over']);
  });

  test('input keeps it alive', () => {
    check(
      `
      1000 50 @1000
       100 70 @1000
       130 70 @1300
      1850 50 @1850
       190 70 @1850
      1900 50 @1900`,
      ['130 raised overspeed late 70>60 L2'],
    );
  });

  test('neither disturbs nor closes a live alarm', () => {
    check(
      `
       500 70
       530 70
       100 20
       120 20
       540 70
       200 80
       550 50
       230 80
       570 50`,
      ['530 raised overspeed 70>60 L2', '230 raised overspeed late 80>60 L3', '570 cleared overspeed 500..550 70>60'],
      { late: 4 },
    );
  });

  test('begins anew when its story goes back in time', () => {
    check(
      `
      1000 50
       500 70
       530 70
       100 70
       130 70`,
      [
        '530 raised overspeed late 70>60 L2',
        '530 cleared overspeed late 500..530 70>60 late-lane-over',
        '130 raised overspeed late 70>60 L2',
      ],
    );
  });

  test('and when it tells the same time twice, at two places', () => {
    check('1000 50 \n 100 70 \n 130 70 \n 130 70 1,1 \n 160 70', [
      '130 raised overspeed late 70>60 L2',
      '130 cleared overspeed late 100..130 70>60 late-lane-over',
      '160 raised overspeed late 70>60 L2',
    ]);
  });

  test('knows its own duplicates', () => {
    check(
      `
      1000 50
       100 70
       110 70
       100 70
       110 70
       130 70`,
      ['130 raised overspeed late 70>60 L2'],
      { fixes: 4, late: 3, duplicates: 2 },
    );
  });

  test('takes what is reported again after a blind zone, even where it is newer than all', () => {
    check(
      `
        0 70
       10 70 blind
       40 70 blind
       50 50
       60 50`,
      ['40 raised overspeed late 70>60 L2'],
      { fixes: 5, late: 2 },
    );
  });

  test('takes the first words of a vehicle when they are from a blind zone', () => {
    check('0 70 blind \n 30 70 blind \n 10 70 \n 40 70', [
      '30 raised overspeed late 70>60 L2',
      '40 raised overspeed 70>60 L2',
    ]);
  });

  test('starts at the place where the gap began', () => {
    // 2 thousandths of a degree north in 10 s are 80.1 km/h; the first late fix says so with the place before the gap.
    const trial = new Trial();
    expect(
      trial.take(`
         0 50 0,0
       200 50 0,40
        10 - 0,2
        40 - 0,8`),
    ).toEqual(['40 raised overspeed late 80.1>60 L3']);
    expect(trial.engine.counters.derivedSpeeds).toBe(2);
  });

  test('has its own prohibited zones', () => {
    const depot = fenceOf('depot', circle(0, 0, 100), { prohibited: true });
    const trial = new Trial({ policy: { fences: [depot] } });
    expect(
      trial.take(`
      1000 0 0,0
      1030 0 0,0
       100 0 0,0
       130 0 0,0
       140 0 0,9
       160 0 0,9`),
    ).toEqual([
      '1030 raised prohibited-zone depot L3',
      '130 raised prohibited-zone late depot L3',
      '160 cleared prohibited-zone late depot 100..140',
    ]);
  });
});

test('the alarm of a late lane tells the record that ended it as its cause, and its own last moment', () => {
  const trial = new Trial({
    vehicles: [
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'heavy' },
    ],
  });
  const steps = trial.steps(`
    1000 50 @1000
     100 70 @1000
     130 70 @1000
    1600 50 @1600 other`);
  expect(steps.map(shortStep)).toEqual([
    '130 raised overspeed late 70>60 L2',
    '130 cleared overspeed late 100..130 70>60 late-lane-over',
  ]);
  expect(steps.map((step) => step.cause)).toEqual([
    { partition: 3, offset: 2, index: 0 },
    { partition: 3, offset: 3, index: 0 },
  ]);
});

describe('telemetry that is told twice', () => {
  /** Two minutes of speeding with a press of the button in the middle, a fix a second. */
  const story = Array.from({ length: 120 }, (_, s) => `${s} 70 ${s >= 50 && s < 60 ? 'sos' : ''}`).join('\n');

  test('gives each alarm once, however much is repeated', () => {
    const trial = new Trial();
    expect(trial.take(story)).toEqual(['30 raised overspeed 70>60 L2', '50 raised sos L4', '80 cleared sos 50..60']);
    expect(trial.take(story)).toEqual([]);
    const { fixes, duplicates, late } = trial.engine.counters;
    expect({ rows: fixes + duplicates, late }).toEqual({ rows: 240, late: 112 });
    expect(trial.take('120 10 \n 150 10')).toEqual(['150 cleared overspeed 0..120 70>60']);
  });

  test('but a press that nobody has heard is called out, late', () => {
    const trial = new Trial();
    trial.take(story);
    expect(trial.take('10.5 70 sos')).toEqual(['10.5 raised sos late L4']);
    expect(trial.take('10.5 70 sos')).toEqual([]);
  });

  test('and what lies before the newest gap is a story of its own', () => {
    const trial = new Trial();
    trial.take('0 10 \n 10 10 \n 500 10 \n 510 10');
    expect(trial.take('300 70 \n 310 70 \n 320 70 \n 330 70')).toEqual(['330 raised overspeed late 70>60 L2']);
  });
});
