import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '@haulwatch/codec';
import { addCounters, Fleet, type VehicleClass } from '@haulwatch/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inPieces } from '../replay/_chunks.ts';
import { readFrames } from '../replay/frame-rows.ts';
import { readJsonLines } from '../replay/jsonl-rows.ts';
import { RejectTally } from '../replay/reject-tally.ts';
import { rowsAccounted } from '../replay/replay-result.ts';
import { rowsIn, type ReplayRows } from '../replay/replay-row.ts';
import { beganAtMs, drive, jsonLines, testPolicy } from './_samples.ts';
import { openEngineTarget, type EngineTargetOptions } from './engine-target.ts';

type Outcome = Awaited<ReturnType<typeof play>>;

async function play(rows: ReplayRows, options: Partial<EngineTargetOptions> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const out = join(dir, 'alarms.jsonl');
  const said: string[] = [];
  const tally = new RejectTally('a:', (line) => said.push(line));
  let count = 0;
  await using target = await openEngineTarget({
    policy: testPolicy(),
    fleet: new Fleet(),
    partitions: 8,
    out,
    tally,
    ...options,
  });
  for await (const some of rows) {
    await target.take(some);
    for (const row of some) count += rowsIn(row);
  }
  const counters = (await target.finish(count))!;
  const steps = (await readFile(out, 'utf8')).split('\n').filter((line) => line !== '');
  return { count, counters, steps: steps.map((line) => JSON.parse(line) as Record<string, unknown>), said, tally };
}

const playLines = (text: string, piece = 65_536, options: Partial<EngineTargetOptions> = {}) =>
  play(readJsonLines(inPieces(text, piece)), options);

function fleetOf(...vehicles: [id: string, vehicleClass: VehicleClass][]): Fleet {
  const fleet = new Fleet();
  for (const vehicle of fleet.register(vehicles.map(([id, vehicleClass]) => ({ id, class: vehicleClass }))))
    fleet.put(vehicle);
  return fleet;
}

const road = jsonLines(drive(9));

test('the alarms of a drive', async () => {
  const { counters, steps } = await playLines(road);
  expect(counters).toMatchObject({
    fixes: 540,
    duplicates: 0,
    alarmsRaised: 12,
    alarmsByRule: { overspeed: 3, 'prohibited-zone': 9 },
    suppressed: {},
  });
  expect(steps.filter(({ kind }) => kind === 'raised')).toHaveLength(12);
});

test('what was told late is judged when the file ends', async () => {
  const told = drive(1).map((fix) => ({ ...fix, blindZone: true, receivedAtMs: beganAtMs + 3_600_000 }));
  const { counters, steps } = await playLines(jsonLines(told.toReversed()));
  expect(counters).toMatchObject({ fixes: 60, late: 60, alarmsRaised: 2 });
  expect(steps).toMatchObject([
    { rule: 'overspeed', kind: 'raised', late: true },
    { rule: 'prohibited-zone', kind: 'raised', late: true },
    { rule: 'overspeed', kind: 'cleared', late: true },
  ]);
});

describe('the output depends on the file and on nothing else', () => {
  test.each([
    ['again', 65_536],
    ['in small pieces', 100],
    ['in single bytes', 1],
  ])('%s', async (_what, piece) => {
    const first = await playLines(road);
    expect((await playLines(road, piece)).steps).toEqual(first.steps);
  });

  test('steps stand in the order of the rows that caused them', async () => {
    const { steps } = await playLines(road);
    const times = steps.map(({ atMs }) => Number(atMs));
    expect(times.length).toBeGreaterThan(12);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('causes count the records of each partition', async () => {
    const { steps } = await playLines(road, 65_536, { partitions: 1 });
    const [first] = steps as [{ cause: { offset: number }; atMs: number }];
    // One partition, nine trucks: the row of the file is the offset.
    expect(Math.floor(first.cause.offset / 9) * 10_000 + beganAtMs).toBe(first.atMs);
  });

  test('the number of partitions moves causes, not alarms', async () => {
    const told = ({ steps }: Outcome) => steps.map(({ cause: _cause, ...step }) => step);
    expect(told(await playLines(road, 65_536, { partitions: 1 }))).toEqual(told(await playLines(road)));
  });
});

test('every row is a fix, a duplicate or a reject', async () => {
  const fix = { vehicleId: 'a', fixedAtMs: beganAtMs, lonDeg: 121.4, latDeg: 31.2 };
  const { count, counters, tally, said, steps } = await playLines(
    [
      jsonLines([fix, fix]),
      '{broken\n{broken\n',
      jsonLines([
        { ...fix, lonDeg: '121.4' },
        { ...fix, fixedAtMs: beganAtMs + 3_600_000, receivedAtMs: beganAtMs },
        { ...fix, fixedAtMs: beganAtMs + 1_000, latDeg: 95, alarmFlags: 1 },
      ]),
    ].join(''),
  );
  expect(tally.counts).toEqual({ 'json-broken': 2, 'field-type': 1 });
  expect(counters).toMatchObject({
    fixes: 1,
    duplicates: 1,
    rejects: { 'clock-ahead': 1, 'coordinates-out-of-range': 1 },
  });
  expect(rowsAccounted(addCounters(counters, { ...counters, fixes: 0, duplicates: 0, rejects: tally.counts }))).toBe(
    count,
  );
  expect(steps).toMatchObject([{ kind: 'raised', rule: 'sos' }]);
  expect(said.map((line) => /^a:\d: rejected, ([\w-]+)/.exec(line)?.[1])).toEqual([
    'json-broken',
    'field-type',
    'clock-ahead',
    'coordinates-out-of-range',
  ]);
});

test('a vehicle that nobody registered is refused where the policy says so, and one that is has its class', async () => {
  const policy = testPolicy({ unknownVehicles: 'reject' });
  const fleet = fleetOf(['truck-1', 'hazmat']);
  const { counters, steps } = await playLines(jsonLines(drive(2)), 65_536, { policy, fleet });
  expect(counters).toMatchObject({ fixes: 60, rejects: { 'vehicle-unknown': 60 } });
  expect(new Set(steps.map((step) => step['class']))).toEqual(new Set(['hazmat']));
});

test('frames give the same alarms as the same fixes in JSON', async () => {
  const fixes = drive(9) as {
    vehicleId: string;
    fixedAtMs: number;
    lonDeg: number;
    latDeg: number;
    speedKph: number;
  }[];
  const fleet = fleetOf(...Array.from({ length: 9 }, (_, n): [string, VehicleClass] => [`truck-${n}`, 'heavy']));
  // A frame for each moment, with all nine trucks: their homes are apart, so the frame must be split.
  const frames = Array.from({ length: 60 }, (_, step) => {
    const rows = fixes.slice(step * 9, step * 9 + 9).map((fix, n) => ({ ...fix, vehicleNumber: n + 1 }));
    const frame = encodeFrame(rows, beganAtMs + step * 10_000);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(frame.length);
    return Buffer.concat([length, frame]);
  });
  const byFrames = await play(readFrames(inPieces(Buffer.concat(frames), 1_000)), { fleet });
  const byLines = await playLines(road, 65_536, { fleet });
  const told = ({ steps }: Outcome) =>
    new Set(
      steps.map(({ alarmId, seq, kind, atMs }) => `${String(alarmId)} ${String(seq)} ${String(kind)} ${String(atMs)}`),
    );
  expect(byFrames.counters).toEqual(byLines.counters);
  expect(told(byFrames)).toEqual(told(byLines));
});

test('a number that no vehicle has is refused and told', async () => {
  const row = { vehicleNumber: 7, fixedAtMs: beganAtMs, lonDeg: 121.4, latDeg: 31.2 };
  const frame = encodeFrame([row, row], beganAtMs);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(frame.length);
  const { counters, count, said } = await play(readFrames(inPieces(Buffer.concat([length, frame]))));
  expect(counters.rejects).toEqual({ 'vehicle-unknown': 2 });
  expect(count).toBe(2);
  expect(said).toHaveLength(1);
});
