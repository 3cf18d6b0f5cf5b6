import { describe, expect, test } from 'vitest';
import { circle, fenceOf, rectangle, withLimits } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** Zones are held 30 s and over after 20 s; see `basePolicy`. */
function check(track: string, expected: readonly string[], options: TrialOptions = {}): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('prohibited zones', () => {
  const depot = fenceOf('depot', circle(0, 0, 100), { prohibited: true });
  const bridge = fenceOf('bridge', rectangle(-1, -5, 1, 5), { prohibited: true, level: 4, tier: 'T3' });

  test('a circle and a polygon, each an alarm of its own', () => {
    check(
      `
        0 20 0,6
       10 20 0,0
       39 20 0,0
       40 20 0,0
       50 20 0,2
       70 20 0,2
       80 20 0,6
      100 20 0,6`,
      [
        '40 raised prohibited-zone depot L3',
        '40 raised prohibited-zone bridge L4',
        '70 cleared prohibited-zone depot 10..50',
        '100 cleared prohibited-zone bridge 10..80',
      ],
      { policy: { fences: [depot, bridge] } },
    );
  });

  test('driving out and in within the wait is one alarm', () => {
    check(
      `
       0 20 0,0
      30 20 0,0
      40 20 0,2
      59 20 0,0
      60 20 0,2
      80 20 0,2`,
      ['30 raised prohibited-zone depot L3', '80 cleared prohibited-zone depot 0..60'],
      { policy: { fences: [depot] } },
    );
  });

  test('it opens and closes while the vehicle is inside', () => {
    const school = { ...depot, schedule: [{ days: [1], fromMinute: 1, toMinute: 3 }] };
    check(
      `
        0 0 0,0
       59 0 0,0
       60 0 0,0
       90 0 0,0
      179 0 0,0
      180 0 0,0
      200 0 0,0`,
      ['90 raised prohibited-zone depot L3', '200 cleared prohibited-zone depot 60..180'],
      { policy: { fences: [school] } },
    );
  });

  test('is closed to the classes that it names', () => {
    check('0 0 0,0 \n 60 0 0,0', [], { policy: { fences: [{ ...depot, classes: ['hazmat'] }] } });
  });

  test('who stands inside and reports rarely is still inside', () => {
    check(
      '0 0 0,0 \n 1800 0 0,0 \n 3600 0 0,9 \n 3620 0 0,9',
      ['1800 raised prohibited-zone depot L3', '3620 cleared prohibited-zone depot 0..3600'],
      { policy: { fences: [depot] } },
    );
  });

  test('a speed limit and a ban in one fence', () => {
    check(
      '0 36 0,0 \n 30 36 0,0',
      ['30 raised prohibited-zone depot L3', '30 raised overspeed by prohibited-zone 36>30 L3'],
      {
        policy: { fences: [{ ...depot, limitKph: 30 }] },
      },
    );
  });
});

describe('at the border of a prohibited zone', () => {
  // 0,0 is 100 m inside of it, 0.95,0 is 10 m inside, 1.16,0 is 10 m outside; 9,0 is 760 m away.
  const depot = fenceOf('depot', circle(0, 0, 100), { prohibited: true });
  const world: TrialOptions = { policy: { fences: [depot] } };
  const park = fenceOf('park', rectangle(-50, -50, 1, 50), { prohibited: true });

  test('who is parked outside and jumps about is not in it', () => {
    check(
      `
        0 20 9,0
       60 20 1.16,0
       70 0 1.16,0
      100 0 0.95,0
      130 0 0.95,0
      160 0 0.9,0
      190 0 1.16,0
      220 0 0.95,0
      260 0 0.95,0`,
      [],
      world,
    );
  });

  test('who has driven in and parked is in it, however it jumps, until it drives out', () => {
    check(
      `
        0 20 9,0
       60 20 0.95,0
       70 0 0.95,0
       90 0 1.16,0
      100 0 1.16,0
      180 0 1.16,0
      210 0 1.2,0
      240 20 0.95,0
      250 20 1.16,0
      260 20 1.4,0
      270 20 3,0`,
      ['90 raised prohibited-zone depot L3', '270 cleared prohibited-zone depot 60..250'],
      world,
    );
  });

  test('who has driven out and parked right behind the border is out of it', () => {
    check(
      '0 20 0,0 \n 30 20 0,0 \n 40 20 1.16,0 \n 50 0 1.16,0 \n 55 0 0.95,0 \n 60 0 1.16,0 \n 80 0 0.95,0',
      ['30 raised prohibited-zone depot L3', '60 cleared prohibited-zone depot 0..40'],
      world,
    );
  });

  test('who stands is believed where it is further from the border than positions are sure', () => {
    const far = '0 0 9,0 \n 10 0 -1,0 \n 40 0 -1,0 \n 50 0 9,0 \n 70 0 9,0';
    check(far, ['40 raised prohibited-zone park L3', '70 cleared prohibited-zone park 10..50'], {
      policy: { fences: [park] },
    });
  });

  test('a fix that is less sure than it is far from the border neither raises nor clears', () => {
    check('0 20 9,0 \n 10 20 0,0 acc120 \n 50 20 0,0 acc120 \n 60 20 9,0', [], world);
    check(
      `
        0 20 9,0
       10 20 0,0
       40 20 0,0 acc120
       50 20 0,0 acc51
       60 20 4,0 acc300
       90 20 4,0 acc300
      100 20 4,0 acc200
      120 20 4,0 acc200`,
      ['50 raised prohibited-zone depot L3', '120 cleared prohibited-zone depot 10..100'],
      world,
    );
  });

  test('an inaccurate fix deep inside of a large one is as good as any; one off by kilometres is none', () => {
    const track = (accuracyM: number): string => `0 20 9,0 \n 10 20 -9,0 acc${accuracyM} \n 40 20 -9,0 acc${accuracyM}`;
    const options = { policy: { fences: [park] } };
    check(track(400), ['40 raised prohibited-zone park L3'], options);
    check(track(1_001), [], options);
  });

  test('its hours are over for who stands at its border, too', () => {
    const school = { ...depot, schedule: [{ days: [1], fromMinute: 0, toMinute: 3 }] };
    check(
      '0 0 0.95,0 \n 30 0 1.16,0 \n 60 0 1.16,0 acc300 \n 180 0 0.95,0 acc300 \n 200 0 0.95,0 acc300',
      ['30 raised prohibited-zone depot L3', '200 cleared prohibited-zone depot 0..180'],
      { policy: { fences: [school] } },
    );
  });

  test('a restart in the middle changes nothing', () => {
    const pieces = ['0 20 9,0', '60 20 0.95,0', '70 0 0.95,0', '90 0 1.16,0', '240 20 3,0', '260 20 3,0'];
    const trial = new Trial(world);
    const told = pieces.flatMap((piece) => {
      trial.restart();
      return trial.take(piece);
    });
    expect(told).toEqual(['90 raised prohibited-zone depot L3', '260 cleared prohibited-zone depot 60..240']);
  });
});

describe('a new policy', () => {
  const depot = fenceOf('depot', circle(0, 0, 100), { prohibited: true });
  const bridge = fenceOf('bridge', circle(0, 0, 200), { prohibited: true });

  test('without the fence closes its alarm at the next fix, and forgets what had begun', () => {
    const trial = new Trial({ policy: { fences: [depot, bridge] } });
    expect(trial.take('0 20 0,0 \n 30 20 0,0')).toEqual([
      '30 raised prohibited-zone depot L3',
      '30 raised prohibited-zone bridge L3',
    ]);
    trial.setPolicy({ fences: [bridge] });
    expect(trial.take('40 20 0,0 \n 50 20 0,6 \n 70 20 0,6')).toEqual([
      '40 cleared prohibited-zone depot 0..30 rule-withdrawn',
      '70 cleared prohibited-zone bridge 0..50',
    ]);
    const pending = new Trial({ policy: { fences: [depot] } });
    pending.take('0 20 0,0');
    pending.setPolicy({ fences: [] });
    expect(pending.take('30 20 0,0 \n 60 20 0,0')).toEqual([]);
  });

  test('with the fence at another place of the list keeps its alarm', () => {
    const trial = new Trial({ policy: { fences: [depot] } });
    trial.take('0 20 0,0 \n 30 20 0,0');
    trial.setPolicy({ fences: [fenceOf('new', circle(9, 9, 50), {}), depot] });
    expect(trial.take('40 20 0,0 \n 50 20 0,9 \n 70 20 0,9')).toEqual(['70 cleared prohibited-zone depot 0..50']);
  });

  test('with a fence drawn around a parked vehicle: it is in it from its next fix on, and not before', () => {
    const trial = new Trial();
    expect(trial.take('0 0 0,0 \n 60 0 0,0')).toEqual([]);
    trial.setPolicy({ fences: [depot] });
    expect(trial.take('70 0 0,0 \n 99 0 0,0 \n 100 0 0,0 \n 110 20 0,9 \n 130 20 0,9')).toEqual([
      '100 raised prohibited-zone depot L3',
      '130 cleared prohibited-zone depot 70..110',
    ]);
  });

  test.each([
    ['away from it: the alarm ends as if it had left', circle(9, 9, 100), '60 cleared prohibited-zone depot 0..40'],
    ['and still around it: the alarm goes on', circle(0, 0, 300), '80 cleared prohibited-zone depot 0..60'],
  ])('with the border moved %s', (_, shape, cleared) => {
    const trial = new Trial({ policy: { fences: [depot] } });
    trial.take('0 0 0,0 \n 30 0 0,0');
    trial.setPolicy({ fences: [{ ...depot, shape }] });
    expect(trial.take('40 0 0,0 \n 60 20 0,4 \n 80 20 0,4')).toEqual([cleared]);
  });

  test('that only opens at another hour is read while the vehicle stands', () => {
    const trial = new Trial({ policy: { fences: [depot] } });
    trial.take('0 0 0,0 \n 30 0 0,0');
    trial.setPolicy({ fences: [{ ...depot, schedule: [{ days: [1], fromMinute: 2, toMinute: 4 }] }] });
    expect(trial.take('40 0 0,0 \n 60 0 0,0 \n 119 0 0,0 \n 120 0 0,0 \n 150 0 0,0 \n 240 0 0,0')).toEqual([
      '60 cleared prohibited-zone depot 0..40',
      '150 raised prohibited-zone depot L3',
    ]);
  });

  test('that only renames the fence is neither an exit nor a second alarm; the alarm keeps the name', () => {
    const trial = new Trial({ policy: { fences: [depot] } });
    trial.take('0 0 0,0 \n 30 0 0,0');
    trial.setPolicy({ fences: [{ ...depot, name: 'another name' }] });
    trial.restart();
    const steps = trial.steps('40 0 0,0 \n 100 0 0,0 \n 110 20 0,9 \n 130 20 0,9');
    expect(steps).toMatchObject([{ kind: 'cleared', fenceName: 'the depot', clearReason: 'condition-over' }]);
  });

  test('with a higher limit ends what is no longer too fast; the alarm keeps its version', () => {
    const trial = new Trial();
    trial.take('0 70 \n 30 70');
    trial.setPolicy({ overspeed: withLimits({ heavy: 80 }) });
    expect(trial.explanations('40 70 \n 60 70')).toEqual([
      'up to 70 km/h for 40 s where 60 applies (class heavy), policy v1',
    ]);
  });

  test('that comes before the alarm is raised is the one that raises it', () => {
    const trial = new Trial();
    trial.take('0 70 \n 20 70');
    trial.setPolicy({ overspeed: withLimits({ heavy: 50 }) });
    expect(trial.explanations('30 70')).toEqual(['70 km/h for 30 s where 50 applies (class heavy), policy v2']);
  });
});
