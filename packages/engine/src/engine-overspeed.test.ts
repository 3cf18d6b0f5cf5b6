import { describe, expect, test } from 'vitest';
import { basePolicy, fenceOf, plausible, rectangle, withLimits } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

/** Limit 60, over at 55 for 20 s, held more than 29 s, gaps from 90 s; see `basePolicy`. */
function check(track: string, expected: readonly string[], options: TrialOptions = {}): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('overspeed', () => {
  test('is raised when it has held for the minimum duration, not one fix before', () => {
    const track = `
       0 50
      10 70
      20 70
      39 70`;
    check(track, []);
    check(`${track}\n 40 70`, ['40 raised overspeed 70>60 L2']);
  });

  test.each([
    [30, []],
    [30.001, ['30.001 raised overspeed 70>60 L2']],
  ])('counts when it is continuous for more than 30 s: %s s', (lastS, expected) => {
    const overspeed = { ...basePolicy.overspeed, minDurationS: { value: 30, source: '超过30s' } };
    check(`0 70 \n ${lastS} 70`, expected, { policy: { overspeed } });
  });

  test('at the very limit is none', () => {
    check(
      `
       0 60
      60 60`,
      [],
    );
  });

  test('a fix below the limit drops what had begun', () => {
    check(
      `
       0 70
      20 60
      30 70
      50 70`,
      [],
    );
  });

  test('ends at the first fix without it, told when it has stayed away', () => {
    check(
      `
       0 70
      30 90
      40 54
      50 50
      59 50
      60 50`,
      ['30 raised overspeed 90>60 L2', '60 cleared overspeed 0..40 90>60'],
    );
  });

  test('inside the band it is neither there nor over', () => {
    check(
      `
        0 70
       30 70
       40 58
       80 56
      120 55
      139 50
      140 55`,
      ['30 raised overspeed 70>60 L2', '140 cleared overspeed 0..40 70>60'],
    );
  });

  test('the band starts the wait for the end anew', () => {
    check(
      `
       0 70
      30 70
      40 50
      55 57
      60 50
      79 50
      80 50`,
      ['30 raised overspeed 70>60 L2', '80 cleared overspeed 0..40 70>60'],
    );
  });

  test('back within the wait is the same alarm, later is another', () => {
    check(
      `
        0 70
       30 70
       40 50
       59 65
       60 50
       80 50
       90 70
      120 70`,
      ['30 raised overspeed 70>60 L2', '80 cleared overspeed 0..60 70>60', '120 raised overspeed 70>60 L2'],
    );
  });

  test('escalates as it gets worse, never back', () => {
    check(
      `
       0 62
      30 63
      40 66
      50 65
      60 80
      70 89.9
      80 90
      90 61`,
      [
        '30 raised overspeed 63>60 L1',
        '40 escalated overspeed 66>60 L2',
        '60 escalated overspeed 80>60 L3',
        '80 escalated overspeed 90>60 L4',
      ],
    );
  });

  test('is raised at the level that has held for the minimum duration; the worst is told as the worst', () => {
    check(
      `
       0 61
      10 95
      20 72
      30 61
      40 50
      60 50`,
      ['30 raised overspeed 61>60 L1', '60 cleared overspeed 0..40 95>60'],
    );
    check('0 95 \n 15 91 \n 30 90', ['30 raised overspeed 90>60 L4']);
    check('0 95 \n 30 61', ['30 raised overspeed 61>60 L1']);
    check('0 61 \n 30 95 \n 40 95', ['30 raised overspeed 95>60 L1', '40 escalated overspeed 95>60 L4']);
  });

  test('is told for the limit of the class', () => {
    const vehicles = [
      { id: 'truck', class: 'heavy' },
      { id: 'bus', class: 'coach' },
    ] as const;
    check(
      `
       0 85
       0 85 bus
      30 85
      30 85 bus`,
      ['30 raised overspeed bus 85>80 L1'],
      { vehicles, policy: { overspeed: withLimits({ heavy: 90, coach: 80 }) } },
    );
  });

  test('between two fixes further apart than the gap nothing is known', () => {
    check(
      `
        0 70
       30 70
      121 70
      150 70
      151 70`,
      ['30 raised overspeed 70>60 L2', '121 cleared overspeed 0..30 70>60 gap', '151 raised overspeed 70>60 L2'],
    );
  });

  test('a gap before the alarm forgets what had begun; one as long as allowed does not', () => {
    check(
      `
        0 70
       91 70`,
      [],
    );
    check(
      `
        0 70
       90 70`,
      ['90 raised overspeed 70>60 L2'],
    );
  });

  test('an invalid position says nothing of it', () => {
    check(
      `
       0 70
      20 20 invalid
      30 70
      40 20 invalid
      70 20 invalid
      80 70`,
      ['30 raised overspeed 70>60 L2'],
    );
  });

  test('with a minimum of zero it is there at the first fix', () => {
    const zero = { value: 0, source: 'test' };
    check('0 70', ['0 raised overspeed 70>60 L2'], {
      policy: { overspeed: { ...basePolicy.overspeed, minDurationS: zero } },
    });
  });
});

describe('the speed of a terminal that sends none', () => {
  // 2 thousandths of a degree north are 222.39 m: in 10 s 80.1 km/h.
  const moving = `
     0 - 0,0
    10 - 0,2
    20 - 0,4
    30 - 0,6
    40 - 0,8`;

  test('is derived from displacement and marked so', () => {
    const trial = new Trial();
    const steps = trial.steps(moving);
    expect(steps.map(shortStep)).toEqual(['40 raised overspeed 80.1>60 L3']);
    expect(steps).toMatchObject([{ derived: true, distanceM: 667 }]);
    expect(steps[0]?.explanation).toBe(
      '80.1 km/h for 30 s where 60 applies (class heavy, speed derived from displacement), policy v1',
    );
    expect(trial.engine.counters.derivedSpeeds).toBe(4);
  });

  test('above what is plausible it is drift and says nothing', () => {
    // 0.1 degrees in 10 s, and back.
    const drift = `
      0 - 0,0
     10 - 0,0
     20 - 0,100
     30 - 0,0
     40 - 0,0`;
    const trial = new Trial({ policy: { overspeed: plausible() } });
    expect(trial.take(drift)).toEqual([]);
    // Back is measured from where it was before.
    expect(trial.engine.counters.derivedSpeeds).toBe(3);
  });

  test('is what a told speed above the plausible is taken for: it is derived, or unknown', () => {
    const trial = new Trial({ policy: { overspeed: plausible() } });
    // 40 km/h by displacement; the last jumps, so that nothing is known of it.
    expect(trial.take('0 50 0,0 \n 10 200 0,1 \n 20 50 0,2 \n 50 61 0,3 \n 60 200 0,90 \n 80 61 0,4')).toEqual([
      '80 raised overspeed 61>60 L1',
    ]);
    expect(trial.engine.counters.derivedSpeeds).toBe(1);
  });

  test.each([
    ['160', ['0 raised overspeed 160>60 L4']],
    ['160.1', []],
  ])('is told as %s km/h where 160 is plausible', (kph, expected) => {
    const atOnce = { ...plausible(), minDurationS: { value: 0, source: 'test' } };
    check(`0 ${kph}`, expected, { policy: { overspeed: atOnce } });
  });

  const out = (places: readonly number[]): string => places.map((x, i) => `${30 * i} - ${x},0`).join(' \n ');

  test.each([
    // 12 thousandths of a degree east are 1.14 km: 137 km/h.
    ['one fix out and back', out([0, 0, 0, 12, 0, 0, 0, 0])],
    ['two fixes out and back', out([0, 0, 0, 12, 12, 0, 0, 0])],
    ['to and fro at each fix', out([0, 12, 0, 12, 0, 12, 0, 12, 0])],
  ])('is not more than two intervals show: %s', (_, track) => {
    check(track, [], { policy: { overspeed: plausible() } });
  });

  test('is that of a drive from its second interval on, and is kept over a restart', () => {
    const trial = new Trial({ policy: { overspeed: plausible() } });
    expect(trial.take(out([0, 0, 12]))).toEqual([]);
    trial.restart();
    // Half of the way in the first two, all of it in the next.
    expect(trial.take('90 - 24,0 \n 120 - 36,0')).toEqual([
      '90 raised overspeed 137>60 L2',
      '120 escalated overspeed 137>60 L4',
    ]);
    const cut = new Trial({ policy: { overspeed: plausible() } });
    cut.take(out([0, 0, 12]));
    cut.restart();
    expect(cut.take('90 - 0,0 \n 120 - 0,0 \n 150 - 0,0')).toEqual([]);
  });

  test('is of one interval where the former speed was told, or lies in a gap', () => {
    const overspeed = { ...plausible(), minDurationS: { value: 0, source: 'test' } };
    check('0 0 0,0 \n 30 0 0,0 \n 60 - 12,0', ['60 raised overspeed 137>60 L4'], { policy: { overspeed } });
    check('0 - 0,0 \n 900 - 0,0 \n 930 - 12,0', ['930 raised overspeed 137>60 L4'], { policy: { overspeed } });
    check('0 - 0,0 \n 30 - 0,0 \n 60 - 12,0', ['60 raised overspeed 68.5>60 L2'], { policy: { overspeed } });
  });

  test('has no spike of a told one in its alarm', () => {
    const policy = { overspeed: plausible() };
    check('0 61 \n 10 200 \n 20 61 \n 30 61', [], { policy });
    check('0 61 \n 10 200 0,0.4 \n 20 61 0,2 \n 30 61 0,4', [], { policy });
  });

  test('is not derived across a gap', () => {
    const trial = new Trial();
    expect(trial.take('0 - 0,0 \n 100 - 0,25 \n 130 - 0,30')).toEqual([]);
    expect(trial.engine.counters.derivedSpeeds).toBe(1);
  });
});

describe('fences with a limit', () => {
  const town = fenceOf('town', rectangle(0, 0, 10, 10), { limitKph: 30 });
  const school = fenceOf('school', rectangle(4, 4, 6, 6), { limitKph: 20 });
  const loose = fenceOf('loose', rectangle(0, 0, 10, 10), { limitKph: 100 });

  test.each([
    ['outside the class limit holds', '20,20', 59, []],
    ['inside the fence limit is lower', '1,1', 36, ['30 raised overspeed 36>30 L3']],
    ['of two fences the lower', '5,5', 36, ['30 raised overspeed 36>20 L4']],
    ['on the border is inside', '10,10', 33, ['30 raised overspeed 33>30 L2']],
  ])('%s', (_, place, kph, expected) => {
    check(`0 ${kph} ${place} \n 30 ${kph} ${place}`, expected, { policy: { fences: [loose, town, school] } });
  });

  test('a fence for other classes says nothing', () => {
    check('0 36 1,1 \n 30 36 1,1', [], { policy: { fences: [{ ...town, classes: ['coach', 'mixer'] }] } });
  });

  test('one episode runs on from limit to limit; the end tells the worst with its own limit and source', () => {
    const trial = new Trial({ policy: { fences: [town] } });
    const steps = trial.steps(`
       0 70 20,20
      30 70 20,20
      40 60 5,5
      50 65 20,20
      60 40 20,20
      80 40 20,20`);
    expect(steps.map(shortStep)).toEqual([
      '30 raised overspeed 70>60 L2',
      '40 escalated overspeed 60>30 L4',
      '80 cleared overspeed 0..60 60>30',
    ]);
    expect(steps.map((step) => [step.limitSource, step.explanation])).toEqual([
      ['class heavy', '70 km/h for 30 s where 60 applies (class heavy), policy v1'],
      ["fence 'the town'", "60 km/h for 40 s where 30 applies (fence 'the town'), policy v1"],
      ["fence 'the town'", "up to 60 km/h for 60 s where 30 applies (fence 'the town'), policy v1"],
    ]);
  });

  test('where it is open at night alone', () => {
    // Open from 00:01 local time: the epoch of the tests is midnight.
    const night = { ...town, schedule: [{ days: [1], fromMinute: 1, toMinute: 2 }] };
    check(
      `
        0 36 5,5
       30 36 5,5
       60 36 5,5
       90 36 5,5
      119 36 5,5
      120 36 5,5
      140 36 5,5`,
      ['90 raised overspeed 36>30 L3', '140 cleared overspeed 60..120 36>30'],
      { policy: { fences: [night] } },
    );
  });
});

test('the distance of an alarm is what was driven in it, without drift and without what a gap hides', () => {
  const trial = new Trial({ policy: { overspeed: plausible() } });
  // 1 thousandth of a degree north is 111.19 m: 40 km/h in 10 s.
  const [raised, cleared] = trial.steps(`
      0 70 0,0
     10 70 0,1
     20 70 0,2
     25 70 0,900
     30 70 0,3
     40 70 0,4
    200 70 0,40`);
  expect(raised).toMatchObject({ kind: 'raised', distanceM: 334 });
  expect(cleared).toMatchObject({ kind: 'cleared', clearReason: 'gap', distanceM: 445 });
});

test('a fix without a position adds nothing to the distance', () => {
  const [, cleared] = new Trial().steps('0 20 0,0 sos \n 10 20 0,1 \n 20 20 9,9 invalid \n 30 20 0,2');
  expect(cleared).toMatchObject({ rule: 'sos', kind: 'cleared', distanceM: 222 });
});
