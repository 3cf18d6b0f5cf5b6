import type { Policy } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { basePolicy, circle, fenceOf } from './_policy.ts';
import { Trial } from './_trial.ts';

/** Cases of the three rules that are always on. Second 0 is Monday 00:00; the case of hours begins at second 60. */
const { overspeed, prohibitedZone, sos } = basePolicy;
const depot = fenceOf('depot', circle(0, 0, 200), { prohibited: true });
const site = fenceOf('site', circle(40, 0, 200), { uses: ['discharge-site'] });
const later = [{ days: [1], fromMinute: 1, toMinute: 3 }];

type Changes = {
  readonly overspeed?: Policy['overspeed']['cases'];
  readonly prohibitedZone?: Policy['prohibitedZone']['cases'];
  readonly sos?: Policy['sos']['cases'];
};

function trialOf(cases: Changes, fences: Policy['fences'] = [depot, site]): Trial {
  const policy = {
    overspeed: { ...overspeed, cases: cases.overspeed ?? [] },
    prohibitedZone: { ...prohibitedZone, cases: cases.prohibitedZone ?? [] },
    sos: { ...sos, cases: cases.sos ?? [] },
    fences,
  };
  return new Trial({ policy });
}

/** A fix every ten seconds from one to the other. */
function every10(fromS: number, toS: number, rest: string): string {
  const count = Math.floor((toS - fromS) / 10) + 1;
  return Array.from({ length: count }, (_, i) => `${fromS + 10 * i} ${rest}`).join('\n');
}

describe('overspeed', () => {
  test('a vehicle that has driven quietly until its hour is judged by the case', () => {
    const trial = trialOf({ overspeed: [{ when: { hours: later }, tier: 'T3' }] });
    const steps = trial.steps(`${every10(0, 60, '50 90,0')} \n ${every10(70, 100, '70 90,0')}`);
    expect(steps).toMatchObject([{ kind: 'raised', atMs: steps[0]!.atMs, level: 2, tier: 'T3' }]);
  });

  test('an alarm that is open becomes graver when the hour comes, without any change of speed', () => {
    const trial = trialOf({ overspeed: [{ when: { hours: later }, level: 4, tier: 'T3' }] });
    expect(trial.take(every10(0, 90, '63 90,0'))).toEqual([
      '30 raised overspeed 63>60 L1',
      '60 escalated overspeed 63>60 L4',
    ]);
  });

  const grades = (trial: Trial, track: string): string[] =>
    trial.steps(track).map(({ kind, level, tier }) => `${kind} L${level} ${tier}`);

  test('an alarm that is open calls others when the hour comes, at the level that it has', () => {
    const trial = trialOf({ overspeed: [{ when: { hours: later }, tier: 'T3' }] });
    expect(grades(trial, every10(0, 90, '70 90,0'))).toEqual(['raised L2 T1', 'escalated L2 T3']);
  });

  test('and goes on calling them where the hour is over, though the level rises then', () => {
    const trial = trialOf({ overspeed: [{ when: { hours: later }, level: 1, tier: 'T3' }] });
    const track = `${every10(60, 170, '70 90,0')} \n ${every10(180, 200, '80 90,0')}`;
    expect(grades(trial, track)).toEqual(['raised L1 T3', 'escalated L3 T3']);
  });

  test('whoever calls for it only now and then while it is pending does not call for it', () => {
    const trial = trialOf({ overspeed: [{ when: { hours: later }, level: 1, tier: 'T3' }] });
    expect(grades(trial, every10(40, 80, '70 90,0'))).toEqual(['raised L1 T1', 'escalated L1 T3']);
  });

  test('where a case switches it off it is over after its time, and begins anew', () => {
    const trial = trialOf({ overspeed: [{ when: { fences: ['site'] }, off: true }] });
    const track = [every10(0, 40, '70 90,0'), every10(50, 90, '70 40,0'), every10(100, 140, '70 90,0')].join('\n');
    expect(trial.take(track)).toEqual([
      '30 raised overspeed 70>60 L2',
      '70 cleared overspeed 0..50 70>60',
      '130 raised overspeed 70>60 L2',
    ]);
  });
});

describe('prohibited-zone', () => {
  test('a truck that stands in it when the hour comes', () => {
    const trial = trialOf({ prohibitedZone: [{ when: { classes: ['heavy'], hours: later }, level: 4, tier: 'T3' }] });
    const steps = trial.steps(every10(0, 90, '0 0,0'));
    expect(steps.map(({ kind, level, tier }) => [kind, level, tier])).toEqual([
      ['raised', 3, 'T2'],
      ['escalated', 4, 'T3'],
    ]);
  });

  test('off for its class: nobody is told, and its speeding is not outranked', () => {
    const trial = trialOf({ prohibitedZone: [{ when: { classes: ['heavy'] }, off: true }] });
    const [step, ...others] = trial.steps(every10(0, 60, '70 0,0'));
    expect(step).toMatchObject({ rule: 'overspeed', kind: 'raised', tier: 'T1' });
    expect(step).not.toHaveProperty('suppressedBy');
    expect(others).toEqual([]);
  });

  test('switched off by the clock around it, and on again', () => {
    const trial = trialOf({ prohibitedZone: [{ when: { hours: later }, off: true }] });
    expect(trial.take(every10(0, 220, '0 0,0'))).toEqual([
      '30 raised prohibited-zone depot L3',
      '80 cleared prohibited-zone depot 0..60',
      '210 raised prohibited-zone depot L3',
    ]);
  });

  test('of two zones around it both are told as the case says', () => {
    const other = fenceOf('yard', circle(0, 0, 300), { prohibited: true, level: 1 });
    const trial = trialOf({ prohibitedZone: [{ when: { fences: ['yard'] }, level: 4 }] }, [depot, other]);
    const levels = trial.steps(every10(0, 30, '0 0,0')).map(({ fenceId = '', level }) => `${fenceId} L${level}`);
    expect(levels.toSorted()).toEqual(['depot L4', 'yard L4']);
  });
});

describe('sos', () => {
  const cases = [{ when: { classes: ['heavy'], hours: later }, level: 3, tier: 'T2' }] as const;

  test.each([
    ['within the hours', '0 0 90,0 \n 100 0 90,0 sos', 3, 'T2'],
    ['after them', '0 0 90,0 \n 200 0 90,0 sos', 4, 'T3'],
    ['without a position', '100 0 90,0 invalid sos', 3, 'T2'],
    ['late: its own time counts', '0 0 90,0 \n 1000 0 90,0 \n 100 0 90,0 sos', 3, 'T2'],
    ['in a refused row', '0 0 90,0 \n 100 0 90,0 sos broken', 3, 'T2'],
    ['of another class', '0 0 90,0 other \n 100 0 90,0 other sos', 4, 'T3'],
  ])('%s', (_, track, level, tier) => {
    const vehicles = [
      { id: 'truck', class: 'heavy' },
      { id: 'other', class: 'mixer' },
    ] as const;
    const [step, ...others] = new Trial({ vehicles, policy: { sos: { ...sos, cases } } }).steps(track);
    expect(step).toMatchObject({ rule: 'sos', kind: 'raised', level, tier });
    expect(others).toEqual([]);
  });

  test('a press that goes on into a graver hour escalates', () => {
    const trial = trialOf({ sos: cases });
    expect(trial.take('100 0 90,0 sos \n 179 0 90,0 sos \n 180 0 90,0 sos')).toEqual([
      '100 raised sos L3',
      '180 escalated sos L4',
    ]);
  });
});

test('a policy that takes effect changes what is told from the next fix on', () => {
  const trial = trialOf({});
  expect(trial.take(every10(0, 40, '63 90,0'))).toEqual(['30 raised overspeed 63>60 L1']);
  trial.setPolicy({ overspeed: { ...overspeed, cases: [{ when: { classes: ['heavy'] }, off: true }] } });
  expect(trial.take(every10(50, 80, '63 90,0'))).toEqual(['70 cleared overspeed 0..50 63>60']);
});
