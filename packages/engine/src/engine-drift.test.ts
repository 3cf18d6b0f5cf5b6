import { describe, expect, test } from 'vitest';
import type { AlarmStep } from '@haulwatch/domain';
import { circle, fenceOf, plausible, rectangle, settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

/** Limit 60 held 30 s, zones too, over after 20 s. Up to 160 km/h are plausible: 4 thousandths of a degree north in 10 s. */
function worldOf(more: NonNullable<TrialOptions['policy']>): TrialOptions {
  return { policy: { overspeed: plausible(), ...more } };
}

function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

/** All that a step says but which record has caused it. */
function told(steps: readonly AlarmStep[]): object[] {
  return steps.map(({ cause: _cause, ...rest }) => rest);
}

/** What a table tells, and what it tells without the lines that say `drift`. */
function withAndWithout(table: string, options: TrialOptions): [object[], object[]] {
  const lines = table.split('\n');
  const without = lines.filter((line) => !line.includes('drift')).join('\n');
  const whole = table.replaceAll(' drift', '');
  return [told(new Trial(options).steps(whole)), told(new Trial(options).steps(without))];
}

/** Slow streets 8.6 km and more to the east and west of the road. */
const streets = [
  fenceOf('east', rectangle(80, -9, 100, 9), { limitKph: 20 }),
  fenceOf('west', rectangle(-100, -9, -80, 9), { limitKph: 20 }),
];

describe('drift into a slower street while an alarm is up', () => {
  const options = worldOf({ fences: streets });
  const speeding = `
    0 70 0,0
   10 70 0,1
   20 70 0,2
   30 70 0,3
   40 70 90,0 drift
   50 70 0,5
   60 70 0,6
   70 50 0,7
   90 50 0,8`;

  test('does not escalate it: limit, sentence, place and distance are those of the road', () => {
    const [steps, expected] = withAndWithout(speeding, options);
    expect(steps).toEqual(expected);
    expect(steps).toMatchObject([
      { kind: 'raised', atMs: expect.any(Number) as number, limit: 60, distanceM: 334 },
      { kind: 'cleared', value: 70, limit: 60, level: 2, distanceM: 890 },
    ]);
  });

  test('nor as the last fix before it is over, or before a gap', () => {
    for (const end of ['50 50 0,4 \n 70 50 0,5', '500 50 0,9']) {
      const [steps, expected] = withAndWithout(`0 70 0,0 \n 30 70 0,1 \n 40 70 90,0 drift \n ${end}`, options);
      // The drifted fix has seen the speed once more: that is honest, and ends a gap later.
      const limits = steps.map((step) => (step as AlarmStep).limit);
      expect(limits).toEqual([60, 60]);
      expect(steps).toHaveLength(expected.length);
    }
  });

  test('its own speed counts, at the limit of the road', () => {
    check(
      '0 70 0,0 \n 30 70 0,1 \n 40 80 90,0 \n 50 70 0,3',
      ['30 raised overspeed 70>60 L2', '40 escalated overspeed 80>60 L3'],
      options,
    );
  });

  test('again and again, here and there, it stays the road', () => {
    const track = Array.from({ length: 9 }, (_, i) => `${10 * i} 70 ${i % 2 === 0 ? -90 : 90},0`).slice(1);
    check(['0 70 0,0', ...track, '90 70 0,9'].join('\n'), ['30 raised overspeed 70>60 L2'], options);
  });

  test('in the late lane as well', () => {
    const late = speeding.replaceAll(/^( *\d+ \d+ \S+)/gm, '$1 blind');
    const [steps, expected] = withAndWithout(`${late}\n 2000 0 0,9`, options);
    expect(steps).toEqual(expected);
    expect(steps).toMatchObject([
      { kind: 'raised', late: true },
      { kind: 'cleared', late: true, limit: 60 },
    ]);
  });

  test('a restart between any two fixes changes nothing', () => {
    const lines = [
      ...speeding.replaceAll(' drift', '').split('\n').slice(1),
      '91 70 90,0',
      '92 70 90,0.1',
      '93 70 90,0.2',
    ];
    const track = [...lines, '94 70 90,0.3', '124 70 90,0.9'];
    const whole = new Trial(options);
    const steps = whole.take(track.join('\n'));
    expect(steps.at(-1)).toBe('124 raised overspeed 70>20 L2');
    for (let cut = 1; cut < track.length; cut += 1) {
      const trial = new Trial(options);
      const first = trial.take(track.slice(0, cut).join('\n'));
      trial.restart();
      expect([...first, ...trial.take(track.slice(cut).join('\n'))], `at ${cut}`).toEqual(steps);
      expect(trial.engine.snapshot()).toEqual(whole.engine.snapshot());
    }
  });
});

describe('drift and fences', () => {
  const depot = fenceOf('depot', circle(0, 0, 300), { prohibited: true, uses: ['enter', 'exit'] });
  const stays = { ...settings('fence-enter', {}), ...settings('fence-exit', {}) };
  const options = worldOf({ fences: [depot], rules: stays });

  test('out of a prohibited zone and back: the alarm goes on, nothing was left or entered', () => {
    const trial = new Trial(options);
    const raised = ['30 raised prohibited-zone depot L3'];
    expect(trial.take('0 20 0,0 \n 30 20 0,0.5 \n 40 20 90,0 \n 65 20 90,0.1 \n 90 20 90,0.2')).toEqual(raised);
    expect(trial.take('100 20 0,0 \n 110 20 0,0.5')).toEqual([]);
    expect(trial.take('140 20 0,9 \n 160 20 0,9.1')).toEqual([
      '160 cleared prohibited-zone depot 0..140',
      '160 raised fence-exit depot L2',
      '160 cleared fence-exit depot 140..160',
    ]);
  });

  test('into one and back, however long a few fixes take', () => {
    check('0 20 90,0 \n 10 20 0,0 \n 50 20 0,0 \n 90 20 0,0 \n 100 20 90,1 \n 130 20 90,2', [], options);
  });

  test('over a thin fence and back; who is seen on it, is on it', () => {
    const gate = fenceOf('gate', rectangle(5, -9, 5.01, 9), { prohibited: true, uses: ['enter', 'exit'] });
    const thin = worldOf({ fences: [gate], rules: stays });
    check('0 20 4,0 \n 1 20 6,0 \n 2 20 4.1,0 \n 3 20 4.1,0 \n 40 20 4.2,0', [], thin);
    check(
      '0 20 4,0 \n 1 20 90,0 \n 20 20 5.005,0 \n 50 20 5.005,1',
      ['50 raised prohibited-zone gate L3', '50 raised fence-enter gate L2'],
      thin,
    );
  });

  test('the first position was wrong: with the fourth that agrees the vehicle is there', () => {
    const wrong = worldOf({ fences: [...streets, depot], rules: settings('gnss-drift', { maxKph: 160 }) });
    // In the depot, it seemed.
    check(
      '0 40 0,0 \n 10 40 90,0 \n 20 40 90,1 \n 30 40 90,2 \n 40 40 90,3 \n 69 40 90,4 \n 70 40 90,4.1',
      ['10 raised gnss-drift 3082>160 L2', '69 cleared gnss-drift 10..40 3082>160', '70 raised overspeed 40>20 L4'],
      wrong,
    );
    // Three are not enough, nor are four of which one is elsewhere.
    const few = '0 40 0,0 \n 10 40 90,0 \n 20 40 90,1 \n 30 40 90,2';
    check(`${few} \n 40 40 0,9 \n 70 40 0,10 \n 100 40 0,11`, [], worldOf({ fences: streets }));
    check(`${few} \n 40 40 -90,2 \n 50 40 90,3 \n 60 40 90,4 \n 90 40 90,5`, [], worldOf({ fences: streets }));
  });

  test('carried by a truck or a ferry: where the time was enough it is there at once, else with the fourth fix', () => {
    const port = worldOf({ fences: [fenceOf('port', circle(0, 900, 900), { prohibited: true })] });
    // 100 km in an hour, then in a quarter of it.
    check('0 50 0,0 \n 3600 0 0,900 \n 3630 0 0,900', ['3630 raised prohibited-zone port L3'], port);
    const quarter = '0 50 0,0 \n 900 0 0,900 \n 930 0 0,900 \n 960 0 0,900 \n 990 0 0,900';
    check(`${quarter} \n 1019 0 0,900`, [], port);
    check(`${quarter} \n 1020 0 0,900`, ['1020 raised prohibited-zone port L3'], port);
    // Nobody has seen it drive there, and it stands: it has entered all the same.
    const entered = worldOf({ fences: [fenceOf('port', circle(0, 900, 900), { uses: ['enter'] })], rules: stays });
    check(`${quarter} \n 1000 0 0,900`, ['1000 raised fence-enter port L2'], entered);
  });

  test('a place that can have been reached by now is believed, whatever was doubted before', () => {
    // 8.6 km: from the 193rd second on.
    const doubted = '0 20 90,0 \n 10 20 0,0 \n 100 20 90,8 \n 110 20 0,0';
    const zones = worldOf({ fences: [depot] });
    check(`${doubted} \n 300 20 0,0.1 \n 329 20 0,0`, [], zones);
    check(`${doubted} \n 300 20 0,0.1 \n 330 20 0,0`, ['330 raised prohibited-zone depot L3'], zones);
  });
});

describe('all but the place of a drifted fix is as good as any', () => {
  test('the emergency button, at the place that is believed; signals; time', () => {
    const options = worldOf({ rules: settings('cover-open', {}) });
    const steps = new Trial(options).steps('0 30 0,0 \n 10 30 90,0 sos cover=open load=full');
    expect(steps.map(shortStep)).toEqual(['10 raised cover-open L2', '10 raised sos L4']);
    for (const { lonDeg } of steps) expect(lonDeg).toBeCloseTo(121.4, 7);
  });

  test('maps have the place that is believed, and the newest time and speed', () => {
    const trial = new Trial(worldOf({}));
    trial.take('0 30 0,0 \n 1 30 0,0.1 \n 2 35 90,0');
    const [newest] = trial.engine.drainNewest(9);
    expect(newest).toMatchObject({ lonDeg: 121.4, latDeg: 31.2001, speedKph: 35 });
  });

  test('among fixes that no rule is shown', () => {
    const trial = new Trial(worldOf({ fences: streets }));
    const seconds = Array.from({ length: 60 }, (_, i) => `${i} 30 ${i === 20 ? 90 : 0},${i / 10}`);
    expect(trial.take(seconds.join('\n'))).toEqual([]);
    // Nor is it there afterwards, for as long as nothing is heard.
    expect(trial.take('60 30 90,0 \n 61 30 0,6.1 \n 91 30 0,7')).toEqual([]);
  });

  test('a doubt is over with the fix that returns, be it one that no rule is shown', () => {
    const trial = new Trial(worldOf({ fences: streets }));
    const place = (): number => trial.engine.drainNewest(9)[0]!.lonDeg;
    trial.take('0 30 0,0 \n 1 30 0,0.1 \n 2 30 90,0 \n 3 30 0,0.3 \n 4 30 90,0 \n 5 30 90,0 \n 6 30 90,0');
    expect(place()).toBe(121.4);
    trial.take('7 30 90,0');
    expect(place()).toBe(121.49);
  });

  test('a policy that comes while a place is doubted speaks of the place that is believed', () => {
    for (const restarts of [false, true]) {
      const trial = new Trial(worldOf({ fences: streets }));
      expect(trial.take('0 50 0,0 \n 10 50 90,0')).toEqual([]);
      trial.setPolicy({ fences: [...streets, fenceOf('town', circle(0, 0, 900), { limitKph: 40 })] });
      if (restarts) trial.restart();
      expect(trial.take('20 50 90,1 \n 49 50 90,2')).toEqual([]);
      expect(trial.explanations('60 50 0,1')).toEqual([
        "50 km/h for 40 s where 40 applies (fence 'the town'), policy v2",
      ]);
    }
  });
});
