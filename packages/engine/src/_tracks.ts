import type { Fence, FenceShape, FirstRuleCase, Policy, ScheduleWindow, VehicleEntry } from '@haulwatch/domain';
import fc from 'fast-check';
import { basePolicy, circle, degreesAt, fenceOf, plausible, rectangle, withLimits } from './_policy.ts';
import type { TrackRow, TrialOptions } from './_trial.ts';

const vehicles: readonly VehicleEntry[] = [
  { id: 'truck', class: 'heavy', company: 'Acme' },
  { id: 'other', class: 'mixer', aliases: ['phone'] },
];

const policy: Partial<Policy> = {
  ...basePolicy,
  overspeed: plausible(withLimits({ mixer: 50 })),
  fences: [
    fenceOf('town', rectangle(-3, -3, 3, 3), { limitKph: 40 }),
    fenceOf('depot', circle(0, 0, 150), { prohibited: true }),
    fenceOf('bridge', rectangle(0, -9, 1, 9), { prohibited: true, limitKph: 30, level: 4, tier: 'T3' }),
    // Opens and closes within the time of most tracks.
    fenceOf('school', rectangle(-2, -2, 0, 0), {
      prohibited: true,
      classes: ['heavy'],
      schedule: [{ days: [1], fromMinute: 170, toMinute: 172 }],
    }),
  ],
};

/** Two vehicles among four fences. */
export const world: TrialOptions = { vehicles, policy };

/** A few fixes of one vehicle on its way, with something odd in one of them now and then. */
type Leg = {
  readonly vehicle: 'truck' | 'other' | 'phone' | 'stranger';
  /** Live; from a blind zone, or out of order: an island of time of its own, before all others. */
  readonly lane: 'live' | 'blind' | 'late';
  readonly waitS: number;
  readonly count: number;
  readonly everyS: number;
  readonly kph: number | undefined;
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly accuracyM: number | undefined;
  readonly oddAt: number;
  readonly odd:
    | 'nothing'
    | 'sos'
    | 'invalid'
    | 'invalid sos'
    | 'broken sos'
    | 'ahead'
    | 'ahead sos'
    | 'again'
    | 'reorder';
};

const leg: fc.Arbitrary<Leg> = fc.record({
  vehicle: oneOf<Leg['vehicle']>([9, 'truck'], [4, 'other'], [1, 'phone'], [1, 'stranger']),
  lane: oneOf<Leg['lane']>([8, 'live'], [1, 'blind'], [2, 'late']),
  waitS: oneOf([16, 3], [4, 20], [2, 60], [2, 100], [2, 700], [1, 3_601]),
  count: fc.integer({ min: 1, max: 7 }),
  everyS: fc.integer({ min: 3, max: 20 }),
  kph: oneOf<number | undefined>(
    ...[undefined, 0, 30, 35, 45, 54.9, 55, 58, 60, 60.1, 66, 72, 80, 95, 160, 160.1, 240].map(
      (kph) => [1, kph] as const,
    ),
  ),
  x: fc.integer({ min: -4, max: 4 }),
  y: fc.integer({ min: -4, max: 4 }),
  stepX: fc.integer({ min: -1, max: 1 }),
  stepY: fc.integer({ min: -1, max: 1 }),
  accuracyM: oneOf<number | undefined>([12, undefined], [1, 30], [1, 80], [1, 400], [1, 2_000]),
  oddAt: fc.nat(6),
  odd: oneOf<Leg['odd']>(
    [6, 'nothing'],
    ...(['sos', 'invalid', 'invalid sos', 'broken sos', 'ahead', 'ahead sos', 'again', 'reorder'] as const).map(
      (odd) => [1, odd] as const,
    ),
  ),
});

/** Rows of both vehicles in the order of their receipt: live and late, duplicates, reorders, wrong clocks, presses. */
export const tracks: fc.Arbitrary<TrackRow[]> = fc.array(leg, { minLength: 1, maxLength: 24 }).map(rowsOf);

/** The same without what does not belong to the live lane. */
export const liveTracks: fc.Arbitrary<TrackRow[]> = fc
  .array(leg, { minLength: 1, maxLength: 24 })
  .map((legs) => rowsOf(legs.map((one) => ({ ...one, ...liveOnly(one) }))));

function liveOnly({ vehicle, odd }: Leg): Pick<Leg, 'lane' | 'vehicle' | 'odd'> {
  const isLive = odd === 'sos' || odd === 'invalid' || odd === 'invalid sos' || odd === 'again';
  return { lane: 'live', vehicle: vehicle === 'other' ? vehicle : 'truck', odd: isLive ? odd : 'nothing' };
}

const grid = fc.integer({ min: -6, max: 6 });
const minute = fc.constantFrom(0, 165, 166, 167, 168, 169, 170, 172, 175, 1_439);

const schedule: fc.Arbitrary<ScheduleWindow[]> = fc.array(
  fc.record({
    days: fc.subarray([1, 7], { minLength: 1 }),
    fromMinute: minute,
    toMinute: minute.map((to) => to + 1),
  }),
  { maxLength: 2 },
);

/** Fences that overlap one another and the tracks, borders on the very places of fixes. */
const fences: fc.Arbitrary<Fence[]> = fc
  .array(
    fc.record({
      shape: fc.oneof(
        fc.tuple(grid, grid, fc.integer({ min: 50, max: 900 })).map((told) => circle(...told)),
        // One without an area is no fence: publishing refuses it.
        fc
          .tuple(grid, grid, grid, grid, grid, grid)
          .filter(([ax, ay, bx, by, cx, cy]) => (bx - ax) * (cy - ay) !== (cx - ax) * (by - ay))
          .map((told) => triangle(...told)),
        fc.tuple(grid, grid).map(([x, y]) => rectangle(x, y, x + 3, y + 5)),
      ),
      prohibited: fc.boolean(),
      limitKph: fc.constantFrom(undefined, 20, 30, 45, 60, 90),
      classes: fc.subarray(['heavy', 'mixer'] as const, { minLength: 1 }),
      uses: fc.constantFrom(undefined, ['expressway'] as const, ['junction', 'approved-stop'] as const),
      schedule,
      level: fc.constantFrom(undefined, 1 as const, 4 as const),
    }),
    { maxLength: 5 },
  )
  .map((list) => list.map(({ shape, ...rest }, i) => fenceOf(`fence-${i}`, shape, present(rest))));

const caseClasses = fc.constantFrom(undefined, ['heavy'] as const, ['mixer', 'coach'] as const);
const caseLevel = fc.constantFrom(undefined, 1 as const, 2 as const, 4 as const);
const caseTier = fc.constantFrom(undefined, 'T0' as const, 'T2' as const, 'T3' as const);
const caseUses = fc.constantFrom(undefined, undefined, ['expressway'] as const, ['junction'] as const);

const cases: fc.Arbitrary<FirstRuleCase[]> = fc.array(
  fc
    .record({
      classes: caseClasses,
      hours: schedule,
      within: caseUses,
      outside: caseUses,
      fences: fc.constantFrom(undefined, undefined, ['fence-0'], ['fence-1', 'fence-2']),
      off: fc.constantFrom(undefined, undefined, true),
      level: caseLevel,
      tier: caseTier,
    })
    .map(({ off, level, tier, ...when }) => ({ when: present(when), ...present({ off, level, tier }) })),
  { maxLength: 3 },
);

const sosCases = fc.array(
  fc
    .record({
      classes: caseClasses,
      hours: schedule,
      level: caseLevel,
      tier: fc.constantFrom(undefined, 'T2' as const),
    })
    .map(({ level, tier, ...when }) => ({ when: present(when), ...present({ level, tier }) })),
  { maxLength: 2 },
);

/** Policies whose thresholds meet those fixes. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    fences,
    minS: fc.constantFrom(0, 10, 30),
    clearS: fc.constantFrom(0, 15, 30),
    gapS: fc.constantFrom(15, 30, 90),
    clearBelowKph: fc.constantFrom(0, 5, 40),
    mixerKph: fc.constantFrom(30, 50),
    ofSpeed: fc.option(cases, { nil: undefined }),
    ofZones: fc.option(cases, { nil: undefined }),
    ofPress: fc.option(sosCases, { nil: undefined }),
  })
  .map(({ fences: list, minS, clearS, gapS, clearBelowKph, mixerKph, ofSpeed, ofZones, ofPress }) => {
    const timing = { minDurationS: { value: minS, source: '' }, clearAfterS: { value: clearS, source: '' } };
    return {
      ...basePolicy,
      time: { ...basePolicy.time, gapMaxS: { value: gapS, source: '' } },
      overspeed: {
        ...plausible(withLimits({ mixer: mixerKph })),
        ...timing,
        clearBelowKph: { value: clearBelowKph, source: '' },
        ...present({ cases: ofSpeed }),
      },
      prohibitedZone: { ...basePolicy.prohibitedZone, ...timing, ...present({ cases: ofZones }) },
      sos: { ...basePolicy.sos, ...present({ cases: ofPress }) },
      fences: list,
    };
  });

function triangle(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): FenceShape {
  const ring = [degreesAt(ax, ay), degreesAt(bx, by), degreesAt(cx, cy), degreesAt(ax, ay)];
  return { kind: 'polygons', polygons: [[ring]] };
}

function present<T extends object>(told: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(told).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function rowsOf(legs: readonly Leg[]): TrackRow[] {
  const rows: TrackRow[] = [];
  // Before this the islands of late fixes; about 02:46:40 on Monday local time.
  let nowS = 10_000;
  let islands = 0;
  for (const { vehicle, lane, waitS, count, everyS, kph, x, y, stepX, stepY, accuracyM, oddAt, odd } of legs) {
    nowS += waitS;
    if (lane !== 'live') islands += 1;
    for (let i = 0; i < count; i += 1) {
      if (lane === 'live' && i > 0) nowS += everyS;
      const row: TrackRow = {
        vehicle,
        atS: lane === 'live' ? nowS : 10_000 - islands * 200 + i * everyS,
        receivedS: nowS + 1,
        kph,
        x: x + i * stepX,
        y: y + i * stepY,
        sos: false,
        invalid: false,
        blind: lane === 'blind',
        ...present({ accuracyM }),
      };
      rows.push(...(i === oddAt ? oddRows(row, odd) : [row]));
    }
  }
  return rows;
}

function oddRows(row: TrackRow, odd: Leg['odd']): TrackRow[] {
  const sos = odd.endsWith('sos');
  switch (odd) {
    case 'again':
      return [row, row];
    case 'reorder':
      return [row, { ...row, atS: row.atS - 2, kph: 99 }];
    case 'ahead':
    case 'ahead sos':
      return [{ ...row, atS: row.receivedS + 72_000, sos }, row];
    case 'broken sos':
      return [{ ...row, reject: 'row-broken', sos }];
    default:
      return [{ ...row, sos, invalid: odd.startsWith('invalid') }];
  }
}

function oneOf<T>(...weighted: readonly (readonly [number, T])[]): fc.Arbitrary<T> {
  return fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
