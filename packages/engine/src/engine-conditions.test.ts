import type { Policy } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** Who, when and where, asked of one rule that holds as long as a drum turns backwards. Second 0 is Monday 00:00. */
const site = fenceOf('site', circle(20, 0, 200), { uses: ['discharge-site'] });
const plant = fenceOf('plant', circle(40, 0, 200), { uses: ['plant'] });
const road = fenceOf('road', circle(60, 0, 200), { uses: ['expressway'] });
const vehicles = [
  { id: 'truck', class: 'mixer' },
  { id: 'other', class: 'earthwork' },
] as const;

type Rest = Parameters<typeof settings<'drum-reverse'>>[2];

function worldOf(rest: Rest, fences: Policy['fences'] = [site, plant, road]): TrialOptions {
  return { vehicles, policy: { rules: settings('drum-reverse', {}, rest), fences } };
}

function check(track: string, expected: readonly string[], rest: Rest, fences?: Policy['fences']): void {
  expect(new Trial(worldOf(rest, fences)).take(track)).toEqual(expected);
}

const reverse = 'drum=reverse';

test('classes: the others have no such rule', () => {
  check(`0 0 0,0 ${reverse} \n 0 0 0,0 other ${reverse}`, ['0 raised drum-reverse L2'], {
    when: { classes: ['mixer'] },
  });
  check(`0 0 0,0 ${reverse} \n 0 0 0,0 other ${reverse}`, ['0 raised drum-reverse other L2'], {
    when: { classes: ['earthwork', 'coach'] },
  });
});

describe('hours', () => {
  const when = { hours: [{ days: [1], fromMinute: 1, toMinute: 3 }] } as const;

  test('from the minute in which they open to that in which they close', () => {
    check(
      `0 0 0,0 ${reverse} \n 59 0 0,0 \n 60 0 0,0 \n 120 0 0,0 \n 179 0 0,0 \n 180 0 0,0 \n 200 0 0,0`,
      ['60 raised drum-reverse L2', '200 cleared drum-reverse 60..180'],
      { when },
    );
  });

  test('they open around a vehicle that nothing else happens to', () => {
    const seconds = Array.from({ length: 61 }, (_, i) => `${30 + i / 2} 0 0,0`).join('\n');
    check(`0 0 0,0 ${reverse} \n ${seconds}`, ['60 raised drum-reverse L2'], { when });
  });

  test('the days are those of the policy’s time zone', () => {
    // Sunday in UTC, Monday in Shanghai.
    check(`60 0 0,0 ${reverse}`, [], { when: { hours: [{ days: [7], fromMinute: 0, toMinute: 1_440 }] } });
    check(`60 0 0,0 ${reverse}`, ['60 raised drum-reverse L2'], {
      when: { hours: [{ days: [1], fromMinute: 0, toMinute: 1_440 }] },
    });
  });

  test('past midnight they belong to the day on which they open', () => {
    const night = { hours: [{ days: [7], fromMinute: 1_380, toMinute: 60 }] } as const;
    check(
      `0 0 0,0 ${reverse} \n 3599 0 0,0 ${reverse} \n 3600 0 0,0 \n 3620 0 0,0`,
      [
        '0 raised drum-reverse L2',
        '3599 cleared drum-reverse 0..0 gap',
        '3599 raised drum-reverse L2',
        '3620 cleared drum-reverse 3599..3600',
      ],
      { when: night },
    );
  });
});

describe('places', () => {
  const track = `0 20 0,0 ${reverse} \n 30 20 20,0 \n 60 20 40,0 \n 90 20 60,0`;

  test.each<[string, Rest, string[]]>([
    ['everywhere', {}, ['0 raised drum-reverse L2']],
    ['within', { when: { within: ['expressway'] } }, ['90 raised drum-reverse L2']],
    [
      'within one of two',
      { when: { within: ['plant', 'discharge-site'] } },
      ['30 raised drum-reverse L2', '90 cleared drum-reverse 30..90'],
    ],
    [
      'outside of both',
      { when: { outside: ['plant', 'discharge-site'] } },
      ['0 raised drum-reverse L2', '30 cleared drum-reverse 0..30', '90 raised drum-reverse L2'],
    ],
    ['within and outside at once', { when: { within: ['plant'], outside: ['plant'] } }, []],
    ['in a fence by its id', { when: { fences: ['road'] } }, ['90 raised drum-reverse L2']],
    [
      'in one of two',
      { when: { fences: ['site', 'plant'] } },
      ['30 raised drum-reverse L2', '90 cleared drum-reverse 30..90'],
    ],
    ['in a fence that is not there', { when: { fences: ['nowhere'] } }, []],
    ['all that is given must be so', { when: { classes: ['mixer'], within: ['plant'], fences: ['road'] } }, []],
  ])('%s', (_, rest, expected) => {
    check(track, expected, { ...rest, clearAfterS: 0 });
  });

  test('a place for other classes, or whose hours are over, is none', () => {
    const outside = { when: { outside: ['discharge-site'] } } as const;
    check(`0 0 20,0 ${reverse}`, [], outside);
    check(`0 0 20,0 ${reverse}`, ['0 raised drum-reverse L2'], outside, [{ ...site, classes: ['earthwork'] }]);
    const closes = { ...site, schedule: [{ days: [1], fromMinute: 0, toMinute: 1 }] };
    check(`0 0 20,0 ${reverse} \n 59 0 20,0 \n 60 0 20,0`, ['60 raised drum-reverse L2'], outside, [closes]);
  });

  test('a fence that is drawn around it counts from the next fix on', () => {
    const trial = new Trial(worldOf({ when: { outside: ['discharge-site'] } }, []));
    expect(trial.take(`0 0 20,0 ${reverse}`)).toEqual(['0 raised drum-reverse L2']);
    trial.setPolicy({ fences: [site] });
    expect(trial.take('10 0 20,0 \n 30 0 20,0')).toEqual(['30 cleared drum-reverse 0..10']);
  });
});

describe('cases', () => {
  test('the last that applies wins, and says only what is different', () => {
    const cases = [
      { when: { within: ['plant'] }, level: 3 },
      { when: { classes: ['mixer'] }, level: 4, tier: 'T3' },
      { when: { within: ['discharge-site'] }, level: 1 },
    ] as const;
    const steps = new Trial(worldOf({ cases })).steps(`0 0 40,0 ${reverse} \n 0 0 40,0 other ${reverse}`);
    expect(steps.map(({ vehicleId, level, tier }) => [vehicleId, level, tier])).toEqual([
      ['truck', 4, 'T3'],
      ['other', 3, 'T1'],
    ]);
    const [inSite] = new Trial(worldOf({ cases })).steps(`0 0 20,0 ${reverse}`);
    expect(inSite).toMatchObject({ level: 1, tier: 'T1' });
  });

  test('off: the rule does not apply there', () => {
    const cases = [{ when: { within: ['plant'] }, off: true }] as const;
    check(
      `0 20 40,0 ${reverse} \n 30 20 20,0 \n 60 20 40,0 \n 80 20 40,0`,
      ['30 raised drum-reverse L2', '80 cleared drum-reverse 30..60'],
      { cases },
    );
  });

  test('off by itself: only its cases switch it on', () => {
    const cases = [{ when: { within: ['plant'] } }, { when: { classes: ['earthwork'] }, level: 3 }] as const;
    const track = `0 0 0,0 ${reverse} \n 0 0 0,0 other ${reverse} \n 30 0 40,0 ${reverse}`;
    check(track, ['0 raised drum-reverse other L3', '30 raised drum-reverse L2'], { off: true, cases });
  });

  test('their conditions are beside those of the rule', () => {
    const cases = [{ when: { classes: ['earthwork'] }, level: 4 }] as const;
    check(`0 0 0,0 other ${reverse}`, [], { when: { classes: ['mixer'] }, cases });
    check(`0 0 40,0 other ${reverse}`, [], { when: { outside: ['plant'] }, cases });
    check(`0 0 0,0 other ${reverse}`, ['0 raised drum-reverse other L4'], { when: { outside: ['plant'] }, cases });
  });

  test('driving into a graver case escalates, driving out of it does not come down', () => {
    const cases = [{ when: { within: ['expressway'] }, level: 4, tier: 'T3' }] as const;
    check(
      `0 20 0,0 ${reverse} \n 30 20 60,0 \n 60 20 0,0`,
      ['0 raised drum-reverse L2', '30 escalated drum-reverse L4'],
      { cases },
    );
  });
});

test('a rule that a policy withdraws ends its alarms at the next fix, and says why', () => {
  const trial = new Trial(worldOf({}));
  trial.take(`0 0 0,0 ${reverse}`);
  trial.setPolicy({ rules: {} });
  const [step] = trial.steps('10 0 0,0');
  expect(step).toMatchObject({ kind: 'cleared', clearReason: 'rule-withdrawn', policyVersion: 1 });
  expect(step?.explanation).toBe('the drum turns backwards, policy v1; closed: the policy no longer asks for it');
});

test('another class is another set of rules', () => {
  const trial = new Trial(worldOf({ when: { classes: ['mixer'] } }));
  expect(trial.take(`0 0 0,0 ${reverse}`)).toEqual(['0 raised drum-reverse L2']);
  trial.register([{ id: 'truck', class: 'earthwork' }]);
  expect(trial.take('10 0 0,0')).toEqual(['10 cleared drum-reverse 0..0 rule-withdrawn']);
});
