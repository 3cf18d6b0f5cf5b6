import { catalogueRuleIds, ruleSpec, type CatalogueRuleId, type Policy, type Threshold } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { busyLiveTracks, busyWorld, everyRule } from './_catalogue.ts';
import { plainCatalogueAlarms } from './_plain-catalogue.ts';
import { plainKinds } from './_plain-kinds.ts';
import { plainRules, timedRules } from './_plain-rules.ts';
import { plainAlarms, type PlainStep } from './_plain-engine.ts';
import { hushedAlike, plainStep, sortedSteps } from './_plain-step.ts';
import { basePolicy, settings } from './_policy.ts';
import { Trial, type TrackRow } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 120_000 });

/**
 * Not compared: `clock-skew`, whose fixes no lane takes, `zone-crowding`, which is about many vehicles, the greatest value of what is told
 * in silence, and in silence the hours of `continuous-driving`: a stop that somebody has looked at and taken for a rest stays one,
 * wherever the vehicle turns up.
 */
const stays: readonly CatalogueRuleId[] = ['fence-enter', 'fence-exit', 'zone-dwell'];
const compared = catalogueRuleIds.filter(
  (rule) => rule in plainRules || plainKinds.includes(rule) || stays.includes(rule),
);
const inSilence = compared.filter((rule) => !rule.startsWith('continuous-driving'));

const number = (value: number): Threshold => ({ value, source: 'test' });

/** Other thresholds, cases and conditions than `everyRule` has. */
const others: Policy['rules'] = {
  ...settings('overspeed-warning', { belowKph: 20 }, { clearAfterS: 0 }),
  ...settings('continuous-driving', { dayMaxS: 70, nightMaxS: 20 }, { minDurationS: 15 }),
  ...settings('daily-driving', { maxS: 60 }, { clearAfterS: 0 }),
  ...settings('weekly-driving', { maxS: 100 }, { clearAfterS: 0 }),
  ...settings(
    'prohibited-hours',
    {},
    {
      when: { hours: [{ days: [1], fromMinute: 170, toMinute: 168 }] },
      cases: [{ when: { within: ['junction'] }, level: 4, tier: 'T3' }],
    },
  ),
  ...settings(
    'fence-enter',
    {},
    { minDurationS: 20, when: { hours: [{ days: [1], fromMinute: 100, toMinute: 180 }] } },
  ),
  ...settings('fence-exit', {}, { cases: [{ when: { classes: ['mixer'] }, off: true }] }),
  ...settings('unauthorised-stop', { maxS: 100 }, { minDurationS: 150, when: { outside: ['dump-site', 'plant'] } }),
  ...settings('cover-open', {}, { minDurationS: 10, cases: [{ when: { fences: ['town'] }, level: 4, tier: 'T3' }] }),
  ...settings(
    'body-lifted-moving',
    { aboveKph: 30 },
    {
      cases: [{ when: { within: ['dump-site'] }, thresholds: { aboveKph: number(70) } }],
    },
  ),
  ...settings('suspicious-dump', {}, { minDurationS: 30, clearAfterS: 60 }),
  ...settings('right-turn-no-stop', { turnMinDeg: 20, stopKph: 40 }, { clearAfterS: 0 }),
  ...settings('drum-reverse', {}, { clearAfterS: 0 }),
  ...settings('concrete-age', { maxS: 40 }, { when: { outside: ['plant'] } }),
  ...settings('bend-speed', { maxMss: 3.07 }, { off: true, clearAfterS: 0, cases: [{ when: { classes: ['heavy'] } }] }),
  ...settings('harsh-cornering', { maxMss: 0.57, aboveKph: 30, gapMaxS: 10 }, { clearAfterS: 0 }),
  ...settings('cargo-temperature', { minC: -15, maxC: 10 }, { clearAfterS: 0 }),
  ...settings('harsh-braking', { maxMss: 0.53, aboveKph: 50, gapMaxS: 4 }),
  ...settings('gnss-drift', { maxKph: 100 }),
  ...settings('gnss-stuck', { aboveKph: 34 }),
  ...settings('offline-displacement', { silentMinS: 60, movedMinM: 400 }, { clearAfterS: 0 }),
};

const hours = [{ days: [1], fromMinute: 169, toMinute: 172 }];

const policiesOf = (list: readonly CatalogueRuleId[]): fc.Arbitrary<Policy> =>
  fc
    .record({
      rules: fc.subarray([...list], { minLength: 1 }),
      isOther: fc.boolean(),
      gapS: fc.constantFrom(15, 30, 90),
      confirmS: fc.constantFrom(0, 10, 30),
      restS: fc.constantFrom(30, 60, 300),
      night: fc.constantFrom({ fromMinute: 168, toMinute: 173 }, { fromMinute: 172, toMinute: 167 }),
      percent: fc.constantFrom(undefined, 70),
      opening: fc.subarray(['yard', 'crossing', 'plant', 'tip', 'town']),
    })
    .map(({ rules, isOther, gapS, confirmS, restS, night, percent, opening }) => {
      const all = isOther ? { ...everyRule, ...others } : everyRule;
      const { overspeed, fences } = { ...basePolicy, ...busyWorld.policy };
      return {
        ...basePolicy,
        ...busyWorld.policy,
        overspeed: percent === undefined ? overspeed : { ...overspeed, nightPercent: { heavy: number(percent) } },
        time: { ...basePolicy.time, gapMaxS: number(gapS) },
        motion: {
          ...basePolicy.motion,
          fenceConfirmS: number(confirmS),
          restMinS: number(restS),
          night: { ...night, source: 'test' },
        },
        rules: Object.fromEntries(rules.map((rule) => [rule, all[rule]])),
        fences: fences.map((fence) => (opening.includes(fence.id) ? { ...fence, schedule: hours } : fence)),
      };
    });

/** Fixes of both vehicles; now and then nothing is heard for hours or days. */
const journeys = fc
  .record({
    rows: busyLiveTracks,
    waits: fc.array(fc.tuple(fc.nat(60), fc.constantFrom(600, 3_600, 80_000, 90_000, 604_800)), { maxLength: 2 }),
  })
  .map(({ rows, waits }) =>
    rows.map((row, i): TrackRow => {
      const laterS = waits.filter(([from]) => i >= from).reduce((all, [, waitS]) => all + waitS, 0);
      return { ...row, atS: row.atS + laterS, receivedS: row.receivedS + laterS };
    }),
  );

/** The same of one vehicle: no other tells the time to it, so that it is never looked at. */
const lonely = fc
  .tuple(journeys, fc.constantFrom('truck', 'truck', 'other'))
  .map(([rows, vehicle]) => rows.filter((row) => row.vehicle === vehicle));

const worlds = [fc.tuple(lonely, policiesOf(compared)), fc.tuple(journeys, policiesOf(inSilence))] as const;

const vehicles = new Map(busyWorld.vehicles?.map((one) => [one.id, one]));

function both(rows: readonly TrackRow[], policy: Policy): { told: PlainStep[]; plain: PlainStep[] } {
  const trial = new Trial({ ...busyWorld, policy });
  const told = sortedSteps(trial.feed(rows).map(plainStep));
  // No row was turned away: the two have looked at the same fixes.
  expect(trial.engine.counters).toMatchObject({ late: 0, reordered: 0, rejects: {} });
  const plain = [...vehicles.values()].flatMap(({ id, class: vehicleClass, permits = [] }) => {
    const own = rows.filter((row) => row.vehicle === id);
    const fixes = own.filter(({ atS }, i) => i === 0 || own[i - 1]!.atS !== atS);
    return [
      ...plainAlarms(fixes, policy, new Map([[id, vehicleClass]]), rows),
      ...plainCatalogueAlarms(id, { fixes, policy, vehicleClass, permits }, rows),
    ];
  });
  return { told, plain: hushedAlike(plain, told) };
}

/** How far it came at last is known as of the last look, and a vehicle of which nothing is due is not looked at each time. */
function withoutPeak(step: PlainStep): PlainStep {
  const isLookedAt = (timedRules as readonly string[]).includes(step.rule) || step.rule === 'zone-dwell';
  return step.kind === 'cleared' && isLookedAt ? { ...step, value: undefined, limit: undefined } : step;
}

test('the engine raises what a plain catalogue finds in the whole track', () => {
  fc.assert(
    fc.property(worlds[0], ([rows, policy]) => {
      const { told, plain } = both(rows, policy);
      expect(told).toEqual(plain);
    }),
    { numRuns: 300 },
  );
});

test('and what it finds when somebody looks at vehicles that are silent', () => {
  fc.assert(
    fc.property(worlds[1], ([rows, policy]) => {
      const { told, plain } = both(rows, policy);
      expect(told.map(withoutPeak)).toEqual(plain.map(withoutPeak));
    }),
    { numRuns: 300 },
  );
});

test('both tell enough of each rule, so that they do not agree for want of alarms', () => {
  const seen = new Map<string, number>();
  for (const [rows, policy] of worlds.flatMap((world) => fc.sample(world, { seed: 20_261_125, numRuns: 1_000 }))) {
    for (const { rule, kind, gap } of both(rows, policy).told) {
      const key = `${rule} ${kind}${gap === true ? ' gap' : ''}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  const expected = compared.flatMap((rule) => [
    `${rule} raised`,
    `${rule} cleared`,
    ...(ruleSpec(rule).lastsAcrossGaps ? [] : [`${rule} cleared gap`]),
  ]);
  expect(expected.filter((told) => (seen.get(told) ?? 0) < 3)).toEqual([]);
});
