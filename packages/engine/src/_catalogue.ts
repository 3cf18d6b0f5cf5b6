import type { FixExtra, Permit, Policy, Threshold } from '@haulwatch/domain';
import { packEvent, packSignals } from '@haulwatch/domain';
import fc from 'fast-check';
import { basePolicy, circle, fenceOf, rectangle, settings } from './_policy.ts';
import { liveTracks, tracks, world } from './_tracks.ts';
import { epochMs, type TrackRow, type TrialOptions } from './_trial.ts';

const harsh = { maxMss: 0.3, aboveKph: 20, gapMaxS: 10 };

/** Every rule of the catalogue, with thresholds that the tracks meet. */
export const everyRule: Policy['rules'] = {
  ...settings('overspeed-warning', { belowKph: 6 }, { minDurationS: 5 }),
  ...settings('continuous-driving', { dayMaxS: 90, nightMaxS: 60 }),
  ...settings('continuous-driving-warning', { dayMaxS: 90, nightMaxS: 60, aheadS: 30 }),
  ...settings('daily-driving', { maxS: 120 }),
  ...settings('weekly-driving', { maxS: 150 }),
  ...settings('prohibited-hours', {}, { when: { hours: [{ days: [1], fromMinute: 168, toMinute: 175 }] } }),
  ...settings('fence-enter', {}),
  ...settings('fence-exit', {}),
  ...settings('zone-dwell', {}),
  ...settings('unauthorised-stop', { maxS: 40 }, { when: { outside: ['approved-stop'] } }),
  ...settings('route-deviation', { minDistanceM: 100 }),
  ...settings('permit-violation', {}, { minDurationS: 5 }),
  ...settings('cover-open', {}),
  ...settings('body-lifted', {}, { when: { outside: ['dump-site'] } }),
  ...settings('body-lifted-moving', { aboveKph: 40 }),
  ...settings('suspicious-dump', {}, { when: { outside: ['dump-site'] } }),
  ...settings('suspicious-load', {}, { when: { outside: ['loading-site'] } }),
  ...settings('right-turn-no-stop', { turnMinDeg: 60, stopKph: 3 }),
  ...settings('drum-reverse', {}, { minDurationS: 10, when: { classes: ['mixer'] } }),
  ...settings('drum-stopped-laden', {}, { minDurationS: 10 }),
  ...settings('concrete-age', { maxS: 100 }),
  ...settings('bend-speed', { maxMss: 1 }),
  ...settings('cargo-temperature', { minC: -10, maxC: 50 }),
  ...settings('cargo-pressure', { maxKpa: 300 }),
  ...settings('valve-open', {}, { minDurationS: 5 }),
  ...settings('harsh-acceleration', harsh),
  ...settings('harsh-braking', harsh),
  ...settings('harsh-cornering', harsh, {
    cases: [
      { when: { classes: ['mixer'] }, level: 3, tier: 'T2', thresholds: { maxMss: { value: 0.2, source: 'test' } } },
    ],
  }),
  ...settings('terminal-manner', {}),
  ...settings('adas', {}, { cases: [{ when: { eventLevel: 2 }, level: 3, tier: 'T2' }] }),
  ...settings('dsm', {}, { cases: [{ when: { subjects: ['6501'] }, level: 4, tier: 'T3' }] }),
  ...settings('tpms', {}),
  ...settings('bsd', {}),
  ...settings('terminal-fault', {}),
  ...settings('power-cut', {}),
  ...settings('collision', {}),
  ...settings('rollover', {}),
  ...settings('offline', { movingS: 120, parkedS: 300 }),
  ...settings('offline-displacement', { silentMinS: 95, movedMinM: 150 }),
  ...settings('gnss-drift', { maxKph: 300 }),
  ...settings('gnss-stuck', { aboveKph: 10 }, { minDurationS: 10 }),
  ...settings('clock-skew', {}),
  ...settings('tampering-suspected', { silentS: 100 }),
};

const fences = [
  ...(world.policy?.fences ?? []),
  fenceOf('yard', rectangle(2, 2, 5, 5), { uses: ['enter', 'exit', 'approved-stop'], dwellMaxS: 60 }),
  fenceOf('tip', circle(-3, -3, 300), { uses: ['dump-site', 'exit'] }),
  fenceOf('plant', circle(3, -3, 250), { uses: ['plant', 'loading-site'] }),
  fenceOf('road', rectangle(-6, -2, 6, 1), { uses: ['route'] }),
  fenceOf('crossing', rectangle(-4, 0, -1, 4), { uses: ['junction', 'enter'] }),
];

/** One permit by the road at hours that open on the way, one that expires soon after the tracks begin. */
function permitsAt(shiftMs: number): readonly Permit[] {
  const fromMs = epochMs + shiftMs;
  const hours = [{ days: [1], fromMinute: 160, toMinute: 174 }];
  return [
    { id: 'a', fromMs, toMs: fromMs + 100_000_000, routes: ['road'], hours },
    { id: 'b', fromMs, toMs: fromMs + 10_090_000, routes: [] },
  ];
}

/** The busy world, for tracks that are so much later. */
export function busyWorldAt(shiftMs: number): TrialOptions {
  const permits = permitsAt(shiftMs);
  return {
    ...world,
    vehicles: (world.vehicles ?? []).map((vehicle) => ({
      ...vehicle,
      permits: vehicle.id === 'truck' ? permits : permits.slice(0, 1),
    })),
    policy: {
      ...world.policy,
      // Three vehicles can be a storm, and two of them its end.
      unknownVehicles: 'heavy',
      rules: everyRule,
      fences,
      flapping: { raisedMax: number(2), withinS: number(600) },
      storms: { ...basePolicy.storms, vehiclesMax: number(2) },
    },
  };
}

export const busyWorld = busyWorldAt(0);

function number(value: number): Threshold {
  return { value, source: 'test' };
}

const sensors: readonly Readonly<Record<string, string>>[] = [
  { load: 'empty', cover: 'open', lift: 'flat', drum: 'forward', valve: 'closed' },
  { load: 'full', cover: 'open', drum: 'stopped' },
  { load: 'half', cover: 'closed', lift: 'raised', valve: 'open' },
  { load: 'empty', lift: 'raised', drum: 'reverse' },
  { drum: 'reverse', cover: 'closed' },
];
const codes = [0x6401, 0x6403, 0x6501, 0x6502, 0x6510, 0x6603, 0x6701, 0x7002];

/** What a terminal may tell of one fix beside speed and place. Most tell nothing. */
const told = fc.record({
  heading: fc.option(fc.constantFrom(0, 80, 90, 170, 180, 270, 359), { freq: 3, nil: undefined }),
  accuracyM: fc.option(fc.constantFrom(5, 5, 5, 400), { freq: 2, nil: undefined }),
  alarmFlags: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(...[4, 5, 8, 11, 29, 30].map((bit) => 1 << bit)) },
  ),
  statusFlags: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(0x100, 0x300) },
  ),
  extra: fc.option(
    fc.record({
      signals: fc.constantFrom(0, ...sensors.map(packSignals)),
      cargoTemperatureC: fc.constantFrom(Number.NaN, Number.NaN, -20, 20, 60),
      cargoPressureKpa: fc.constantFrom(Number.NaN, Number.NaN, 100, 400),
      driver: fc.constantFrom(0, 0, 7, 8),
      events: fc
        .array(fc.tuple(fc.constantFrom(...codes), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2)), {
          maxLength: 3,
        })
        .map((list) => list.map(([code, level, state]) => packEvent({ code, level, state }))),
    }),
    { freq: 2, nil: undefined },
  ),
});

/** Tracks of a busy world, and those of them that belong to the live lane alone. */
export const busyTracks = busy(tracks);
export const busyLiveTracks = busy(liveTracks);

function busy(plain: fc.Arbitrary<TrackRow[]>): fc.Arbitrary<TrackRow[]> {
  return fc.tuple(plain, fc.array(told, { minLength: 1, maxLength: 60 })).map(([rows, list]) => {
    // A repetition tells what was told.
    const toldAt = new Map<string, (typeof list)[number]>();
    return rows.map((row, i): TrackRow => {
      const key = JSON.stringify([row.vehicle, row.atS, row.x, row.y]);
      const more = toldAt.get(key) ?? list[i % list.length]!;
      toldAt.set(key, more);
      const { heading, accuracyM, extra, ...flags } = more;
      return {
        ...row,
        ...flags,
        ...(heading === undefined ? {} : { heading }),
        ...(accuracyM === undefined ? {} : { accuracyM }),
        ...(extra === undefined ? {} : { extra }),
      };
    });
  });
}

/** Says nothing, but says it in the extra of a fix: no such fix takes the engine's short road. */
export const nothingTold: FixExtra = {
  signals: 0,
  cargoTemperatureC: Number.NaN,
  cargoPressureKpa: Number.NaN,
  driver: 0,
  events: [],
};
