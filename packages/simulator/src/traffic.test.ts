import { alarmFlagSos, vehicleClasses, type Fence, type VehicleEntry } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { demoZones } from './demo-zones.ts';
import { offsetM } from './shanghai.ts';
import { createSimulator, demoLimitsKph } from './simulator.ts';
import { byVehicle, drive, type DrivenFix } from './test-drive.ts';
import { insideShape } from './zone-cover.ts';

const startMs = Date.UTC(2026, 0, 5, 8);
const vehicles = 200;
const minutes = 15;

describe.each([0, 1, 2, 3, 2_026])('15 minutes of 200 vehicles, seed %i', (seed) => {
  const zones = demoZones(seed);
  const simulator = createSimulator({ seed, vehicles, startMs, zones });
  const fleet = simulator.fleet();
  const fixes = drive(simulator, [startMs + minutes * 60_000 - 1], 1_000);
  const tracks = byVehicle(fixes);
  const limitDkph = (vehicle: number): number => demoLimitsKph[fleet[vehicle]?.class ?? 'heavy'] * 10;
  const excesses = fixes.map((fix) => fix.speedDkph / limitDkph(fix.vehicle) - 1);
  const overspeeds = [...tracks].flatMap(([vehicle, track]) =>
    runsOf(track, (fix) => fix.speedDkph > limitDkph(vehicle)),
  );
  /** The zone that a fix lies in although the vehicle's class is forbidden it. */
  const intrusion = (fix: DrivenFix): Fence | undefined => intrusionOf(zones, fleet, fix);

  test('somebody has been too fast for 30 s before 40 s are over', () => {
    const firstMs = Math.min(
      ...overspeeds.map(
        (run) => run.find((fix) => fix.fixedAtMs - (run[0]?.fixedAtMs ?? 0) >= 30_000)?.fixedAtMs ?? Infinity,
      ),
    );
    expect(firstMs - startMs).toBeLessThanOrEqual(40_000);
  });

  test.each([
    [0, 0.1],
    [0.1, 0.2],
    [0.2, 0.5],
    [0.5, Infinity],
  ])('some exceed the limit by %f to %f', (from, to) => {
    expect(excesses.some((excess) => excess > from && excess < to)).toBe(true);
  });

  test('who is too fast at all is so for longer than 30 s, but few are', () => {
    const offenders = new Set(overspeeds.map((run) => run[0]?.vehicle));
    expect(offenders.size).toBeGreaterThanOrEqual(4);
    expect(offenders.size).toBeLessThanOrEqual(vehicles * 0.06);
    const ended = overspeeds.filter((run) => (run.at(-1)?.fixedAtMs ?? 0) < startMs + (minutes - 1) * 60_000);
    expect(ended.length).toBeGreaterThanOrEqual(4);
    for (const run of ended) expect((run.at(-1)?.fixedAtMs ?? 0) - (run[0]?.fixedAtMs ?? 0)).toBeGreaterThan(30_000);
  });

  test('somebody has entered a zone that is always in force, and is forbidden to it, within a minute', () => {
    const entry = fixes.find((fix) => intrusion(fix)?.schedule.length === 0);
    expect((entry?.fixedAtMs ?? Infinity) - startMs).toBeLessThanOrEqual(60_000);
  });

  test('intruders come and go, and nobody else comes', () => {
    const visitors = [...tracks].filter(([, track]) => track.some((fix) => intrusion(fix) !== undefined));
    expect(visitors.length).toBeGreaterThanOrEqual(2);
    expect(visitors.length).toBeLessThanOrEqual(5);
    for (const [vehicle, track] of visitors) {
      expect(
        track.some((fix) => intrusion(fix) === undefined),
        `vehicle ${vehicle} never left`,
      ).toBe(true);
    }
  });

  test('an emergency button is pressed within a minute, for a minute', () => {
    const calls = [...tracks.values()].flatMap((track) =>
      runsOf(track, (fix) => (fix.alarmFlags & alarmFlagSos) !== 0),
    );
    expect(calls.length).toBeGreaterThanOrEqual(1);
    expect((calls[0]?.[0]?.fixedAtMs ?? Infinity) - startMs).toBeLessThanOrEqual(70_000);
    for (const call of calls.slice(0, 1)) {
      expect((call.at(-1)?.fixedAtMs ?? 0) - (call[0]?.fixedAtMs ?? 0)).toBeGreaterThanOrEqual(50_000);
    }
  });

  test('a third of the fleet is parked, and what drives keeps moving', () => {
    const parked = fixes.filter((fix) => (fix.statusFlags & 1) === 0).length / fixes.length;
    expect(parked).toBeGreaterThan(0.18);
    expect(parked).toBeLessThan(0.4);
    const moved = [...tracks.values()].filter((track) => track.some((fix) => fix.speedDkph > 200)).length;
    expect(moved / vehicles).toBeGreaterThan(0.7);
  });

  test('nobody is further away than the reported speeds allow', () => {
    const jumps = [...tracks.values()].flatMap((track) =>
      track.filter((fix, index) => {
        const before = track[index - 1] ?? fix;
        const metres = Math.hypot(...offsetM([before.lonDeg, before.latDeg], [fix.lonDeg, fix.latDeg]));
        const fastestMps = Math.max(before.speedDkph, fix.speedDkph) / 36;
        // A vehicle that stops at a junction was rolling until then; noise is 1.5 m a fix and axis.
        return metres > (fastestMps * (fix.fixedAtMs - before.fixedAtMs)) / 1_000 + 15;
      }),
    );
    expect(jumps).toEqual([]);
  });
});

test('without offenders nobody does anything', () => {
  const zones = demoZones(5);
  const simulator = createSimulator({ seed: 5, vehicles, startMs, zones, offenderShare: 0 });
  const fleet = simulator.fleet();
  const fixes = drive(simulator, [startMs + 600_000], 1_000);
  expect(fixes.length).toBeGreaterThan(20_000);
  const guilty = fixes.filter(
    (fix) =>
      fix.speedDkph > demoLimitsKph[fleet[fix.vehicle]?.class ?? 'mixer'] * 10 ||
      fix.alarmFlags !== 0 ||
      intrusionOf(zones, fleet, fix) !== undefined,
  );
  expect(guilty).toEqual([]);
});

test('a fence with a limit is kept by everybody who keeps to the law', () => {
  const slowZone: Fence = {
    id: 'slow',
    name: 'Slow',
    shape: { kind: 'circle', centre: [121.47, 31.23], radiusM: 4_000 },
    prohibited: false,
    limitKph: 30,
    classes: vehicleClasses,
    schedule: [],
  };
  const simulator = createSimulator({
    seed: 5,
    vehicles,
    startMs,
    zones: [slowZone],
    offenderShare: 0,
  });
  const fixes = drive(simulator, [startMs + 600_000], 1_000);
  const tracks = byVehicle(fixes.filter((fix) => insideShape(slowZone.shape, [fix.lonDeg, fix.latDeg], 0)));
  expect(tracks.size).toBeGreaterThan(3);
  for (const track of tracks.values()) {
    for (const run of runsOf(track, (fix) => fix.speedDkph > 300)) {
      expect((run.at(-1)?.fixedAtMs ?? 0) - (run[0]?.fixedAtMs ?? 0), 'only while braking').toBeLessThan(30_000);
    }
  }
});

function intrusionOf(zones: readonly Fence[], fleet: readonly VehicleEntry[], fix: DrivenFix): Fence | undefined {
  const place = [fix.lonDeg, fix.latDeg] as const;
  const vehicleClass = fleet[fix.vehicle]?.class ?? 'coach';
  return zones.find((zone) => zone.classes.includes(vehicleClass) && insideShape(zone.shape, place, 0));
}

/** The unbroken stretches of a track that have a property. */
function runsOf(track: readonly DrivenFix[], has: (fix: DrivenFix) => boolean): DrivenFix[][] {
  const runs: DrivenFix[][] = [];
  let run: DrivenFix[] | undefined;
  for (const fix of track) {
    if (!has(fix)) run = undefined;
    else if (run === undefined) runs.push((run = [fix]));
    else run.push(fix);
  }
  return runs;
}
