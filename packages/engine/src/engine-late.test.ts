import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { shortStep, Trial } from './_trial.ts';

type Books = Partial<Record<'fixes' | 'late' | 'reordered' | 'duplicates' | 'alarmsRaised', number>>;

/**
 * Limit 60, over at 55 for 20 s, held 30 s, gaps from 90 s, reorder up to 5 s; what is told late is judged a minute after the last
 * of it, late lanes are idle after 600 s.
 */
function check(track: string, expected: readonly string[], books: Books = {}): void {
  const trial = new Trial();
  expect([...trial.take(track), ...trial.settle()]).toEqual(expected);
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
    const trial = new Trial();
    trial.take('1000 50 @1000 \n 100 70 @1000 \n 130 70 @1000');
    expect(trial.take('1599 50 @1599.999')).toEqual(['130 raised overspeed late 70>60 L2']);
    expect(trial.take('1600 50 @1600')).toEqual(['130 cleared overspeed late 100..130 70>60 late-lane-over']);
  });

  test('is judged when nothing more of it has come for a minute, by the receipt times of the partition', () => {
    const trial = new Trial();
    expect(trial.take('1000 50 @1000 \n 100 70 @1000 \n 130 70 @1020 \n 1070 50 @1079.999')).toEqual([]);
    expect(trial.take('1080 50 @1080')).toEqual(['130 raised overspeed late 70>60 L2']);
  });

  test('an idle partition is told what time it is', () => {
    const trial = new Trial();
    trial.take('1000 50 @1000 \n 100 70 @1000 \n 130 70 @1020');
    expect(trial.advance(1_079)).toEqual([]);
    expect(trial.advance(1_080)).toEqual(['130 raised overspeed late 70>60 L2']);
    expect(trial.advance(1_619)).toEqual([]);
    expect(trial.advance(1_620)).toEqual(['130 cleared overspeed late 100..130 70>60 late-lane-over']);
  });

  test('what never stops coming is judged after ten minutes all the same', () => {
    const trial = new Trial();
    trial.take('2000 50 @2000');
    const told = Array.from({ length: 60 }, (_, i) => `${100 + i * 10} 70 @${2_000 + i * 10}`).join('\n');
    expect(trial.take(told)).toEqual([]);
    expect(trial.take('2600 50 @2600')).toEqual(['130 raised overspeed late 70>60 L2']);
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
      ['530 raised overspeed 70>60 L2', '570 cleared overspeed 500..550 70>60', '230 raised overspeed late 80>60 L3'],
      { late: 4 },
    );
  });

  test('is judged in order, in whatever order it was told', () => {
    const steps = [
      '130 raised overspeed late 70>60 L2',
      '500 cleared overspeed late 100..130 70>60 gap',
      '530 raised overspeed late 70>60 L2',
    ];
    check('1000 50 \n 500 70 \n 530 70 \n 100 70 \n 130 70', steps);
    check('1000 50 \n 530 70 \n 500 70 \n 130 70 \n 100 70', steps);
    check('1000 50 \n 130 70 \n 530 70 \n 100 70 \n 500 70', steps);
  });

  test('begins anew when an older story is told than one that was judged', () => {
    const trial = new Trial();
    trial.take('1000 50 \n 500 70 \n 530 70');
    expect(trial.settle()).toEqual(['530 raised overspeed late 70>60 L2']);
    trial.take('100 70 \n 130 70');
    expect(trial.settle()).toEqual([
      '530 cleared overspeed late 500..530 70>60 late-lane-over',
      '130 raised overspeed late 70>60 L2',
    ]);
  });

  test('takes one of two places of the same time, whichever comes first', () => {
    const steps = ['160 raised overspeed late 70>60 L2', '200 cleared overspeed late 130..180 70>60'];
    const books = { fixes: 7, late: 6, duplicates: 0 };
    check('1000 50 \n 130 70 \n 130 10 1,1 \n 160 70 \n 180 10 \n 180 70 1,1 \n 200 10', steps, books);
    check('1000 50 \n 200 10 \n 180 70 1,1 \n 180 10 \n 160 70 \n 130 10 1,1 \n 130 70', steps, books);
  });

  test('hears what a terminal alarms of beside a fix of the same second', () => {
    const rules = settings('dsm', {}, { minDurationS: 0 });
    for (const told of [
      '100 50 \n 100 50 event=6501 \n 110 50 \n 140 50',
      '140 50 \n 110 50 \n 100 50 event=6501 \n 100 50',
    ]) {
      const trial = new Trial({ policy: { rules } });
      trial.take(`1000 50 \n ${told}`);
      expect(trial.settle()).toEqual(['100 raised dsm late 6501 L2', '140 cleared dsm late 6501 100..110']);
      expect(trial.engine.counters).toMatchObject({ fixes: 4, late: 3, duplicates: 1 });
    }
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

  test('counts what is told again once more, where more than eight younger ones were judged after it: no rule runs over it', () => {
    const trial = new Trial();
    const late = Array.from({ length: 11 }, (_, i) => `${100 + 3 * i} 70 @1001`);
    trial.take(`1000 0 @1000 \n ${late.join('\n')}`);
    expect(trial.settle()).toEqual(['130 raised overspeed late 70>60 L2']);
    expect(trial.take(`${late[0]} \n ${late[10]}`)).toEqual([]);
    expect([...trial.settle(), trial.engine.counters.late, trial.engine.counters.duplicates]).toEqual([12, 1]);
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
      '40 raised overspeed 70>60 L2',
      '30 raised overspeed late 70>60 L2',
    ]);
  });

  test('starts at the place where the gap began', () => {
    // 2 thousandths of a degree north in 10 s are 80.1 km/h; the first late fix says so with the place before the gap.
    const trial = new Trial();
    trial.take(`
         0 50 0,0
       200 50 0,40
        10 - 0,2
        40 - 0,8`);
    expect(trial.settle()).toEqual(['40 raised overspeed late 80.1>60 L3']);
    expect(trial.engine.counters.derivedSpeeds).toBe(2);
  });

  test('has its own prohibited zones', () => {
    const depot = fenceOf('depot', circle(0, 0, 100), { prohibited: true });
    const trial = new Trial({ policy: { fences: [depot] } });
    const now = trial.take(`
      1000 0 0,0
      1030 0 0,0
       100 0 0,0
       130 0 0,0
       140 0 0,9
       160 0 0,9`);
    expect(now).toEqual(['1030 raised prohibited-zone depot L3']);
    expect(trial.settle()).toEqual([
      '130 raised prohibited-zone late depot L3',
      '160 cleared prohibited-zone late depot 100..140',
    ]);
  });
});

describe('what a vehicle was when its gap began', () => {
  test('goes on in what is told late of the gap: hours at the wheel', () => {
    const rules = settings('continuous-driving', { dayMaxS: 300, nightMaxS: 300 });
    const trial = new Trial({ policy: { rules } });
    const drive = (from: number, to: number, words = ''): string =>
      Array.from({ length: (to - from) / 10 }, (_, i) => `${from + i * 10} 40 ${words}`).join('\n');
    trial.take(`${drive(0, 210)} \n 2000 0 @2000`);
    expect(trial.takeSettled(drive(210, 360))).toEqual(['310 raised continuous-driving late 5>5 L2']);
    // Nothing was heard from beyond the gap when the burst came.
    const other = new Trial({ policy: { rules } });
    other.take(drive(0, 210));
    expect(other.takeSettled(drive(210, 360, 'blind @2000'))).toEqual(['310 raised continuous-driving late 5>5 L2']);
    other.restart();
    other.take(`2000 0 @2100 \n 2010 0 @2110`);
    expect(other.takeSettled(drive(210, 360, 'blind'))).toEqual([]);
  });

  test('its cover, its load and who drives it', () => {
    const rules = { ...settings('cover-open', {}), ...settings('continuous-driving', { dayMaxS: 30, nightMaxS: 30 }) };
    const trial = new Trial({ vehicles: [{ id: 'truck', class: 'earthwork' }], policy: { rules } });
    const live = '0 0 0,0 load=full cover=open driver=7 \n 10 0 0,0 \n 2000 0 0,9 load=empty cover=closed driver=8';
    expect(trial.take(live)).toEqual([]);
    trial.restart();
    expect(trial.takeSettled('20 40 0,0 \n 30 40 0,1 \n 50 40 0,3 driver=9 \n 60 40 0,4')).toEqual([
      '20 raised cover-open late L2',
    ]);
  });

  test('the fences it was in: they are left and not entered', () => {
    const yard = fenceOf('yard', circle(0, 0, 300), { uses: ['enter', 'exit'] });
    const rules = { ...settings('fence-enter', {}), ...settings('fence-exit', {}) };
    const trial = new Trial({ policy: { fences: [yard], rules } });
    trial.take('0 40 0,9 \n 30 40 0,0 \n 60 40 0,0 \n 2000 40 9,9');
    expect(trial.takeSettled('70 40 0,1 \n 90 40 0,1 \n 110 40 0,9 \n 130 40 0,12')).toEqual([
      '130 raised fence-exit late yard L2',
      '130 cleared fence-exit late yard 110..130',
    ]);
  });

  test('no fence in which it only seemed to be, or not for long enough: none is left', () => {
    const yard = fenceOf('yard', circle(0, 0, 300), { uses: ['enter', 'exit'] });
    const rules = { ...settings('fence-enter', {}), ...settings('fence-exit', {}) };
    for (const last of ['30 40 0,0 acc80 \n 60 40 0,2 acc80', '60 40 0,0']) {
      const trial = new Trial({ policy: { fences: [yard], rules } });
      trial.take(`0 40 0,9 \n ${last} \n 2000 40 9,9`);
      expect(trial.takeSettled('110 40 0,9 \n 130 40 0,12')).toEqual([]);
    }
  });

  test('nor is one entered that was drawn around it since', () => {
    const yard = fenceOf('yard', circle(0, 0, 300), { uses: ['enter', 'exit'] });
    const rules = { ...settings('fence-enter', {}), ...settings('fence-exit', {}) };
    const trial = new Trial({ policy: { fences: [], rules } });
    trial.take('0 40 0,0 \n 60 40 0,0 \n 2000 40 9,9');
    trial.setPolicy({ fences: [yard] });
    expect(trial.takeSettled('70 40 0,1 \n 90 40 0,1')).toEqual([]);
  });

  test('the hours of its drivers, but for the hour in which it was last heard', () => {
    const rules = settings('daily-driving', { maxS: 7_200 });
    const trial = new Trial({ policy: { rules } });
    const drive = (from: number, to: number): string =>
      Array.from({ length: (to - from) / 60 }, (_, i) => `${from + i * 60} 40 driver=5`).join('\n');
    // One hour, and ten minutes of the next.
    trial.take(`${drive(0, 4_200)} \n 90000 0 driver=5 @90000`);
    const [raised] = trial.takeSettled(drive(4_200, 9_000));
    // 3,600 s before it, so more than 3,600 s from 4,140 on.
    expect(raised).toBe('7800 raised daily-driving late 121>120 L2');
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
    trial.take('300 70 \n 310 70 \n 320 70 \n 330 70');
    expect(trial.settle()).toEqual(['330 raised overspeed late 70>60 L2']);
  });

  test('late itself, is judged once', () => {
    const trial = new Trial();
    const late = '300 70 \n 310 70 \n 320 70 \n 330 70 \n 340 10 \n 350 10 \n 360 10';
    trial.take(`0 10 \n 10 10 \n 500 10 \n 510 10 \n ${late}`);
    const once = ['330 raised overspeed late 70>60 L2', '360 cleared overspeed late 300..340 70>60'];
    expect(trial.settle()).toEqual(once);
    for (const again of [late, late.split(' \n ').toReversed().join('\n'), '335 70 \n 325 10 5,5']) {
      trial.restart();
      expect([...trial.take(again), ...trial.settle()]).toEqual([]);
    }
    const { fixes, duplicates, late: told, alarmsRaised } = trial.engine.counters;
    expect({ rows: fixes + duplicates, alarmsRaised, late: told + duplicates }).toEqual({
      rows: 27,
      alarmsRaised: 1,
      late: 23,
    });
    // Beside it is another story.
    expect([...trial.take('200 70 \n 230 70'), ...trial.settle()]).toEqual(['230 raised overspeed late 70>60 L2']);
  });
});
