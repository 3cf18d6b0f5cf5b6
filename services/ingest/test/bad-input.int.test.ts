import { encodeFixJson, encodeFrame, homePartition } from '@haulwatch/codec';
import type { Fix, VehicleEntry } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log, NewLogRecord } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRoad, type Road } from './_road.ts';

const partitions = 2;
const startMs = Date.parse('2026-11-22T02:00:00Z');

const truck = (id: string): VehicleEntry => ({ id, class: 'heavy' });
const vehicles = [truck('good-truck'), truck('sos-truck'), truck('ahead-truck'), truck('stray-truck')];

const fix = (vehicleId: string, second: number, more: Partial<Fix> = {}): Fix => ({
  vehicleId,
  fixedAtMs: startMs + second * 1_000,
  receivedAtMs: startMs + second * 1_000,
  lonDeg: 121.9,
  latDeg: 31.0 + second * 0.0003,
  speedKph: 120,
  ...more,
});

/** A record on its vehicle's home partition. */
const home = (vehicleId: string, value: NewLogRecord['value']): NewLogRecord => ({
  partition: homePartition(vehicleId, partitions),
  key: vehicleId,
  value,
});
const json = (it: Fix): NewLogRecord => home(it.vehicleId, encodeFixJson(it));
const text = (value: string): NewLogRecord => home('good-truck', value);

describeWithServers('bad input through real Kafka', ['kafka'], ({ kafka }) => {
  let log: Log;
  let road: Road;

  beforeAll(async () => {
    log = await openKafkaLog({
      brokers: [...kafka.bootstrapServers],
      clientId: 'bad-input',
      recordBytesMax: 6_000_000,
    });
    road = await openRoad(log, kafka.topicPrefix, partitions, vehicles, (spec) =>
      spec.name.endsWith('telemetry') ? { ...spec, recordBytesMax: 6_000_000 } : spec,
    );
  });
  afterAll(async () => await log.close());

  test('each is counted and kept as a dead letter, and the good records around it raise their alarms', async () => {
    const number = road.fleet.fleet.find('good-truck')!.number;
    const frame = encodeFrame([{ vehicleNumber: number, ...fix('good-truck', 500) }], startMs + 500_000);
    const wrongCrc = frame.slice();
    wrongCrc[30]! ^= 1;
    const strayHome = homePartition('stray-truck', partitions);

    const bad: (readonly [reason: string, record: NewLogRecord])[] = [
      ['json-broken', text('{"vehicleId":"good-truck",')],
      ['field-missing', text(`{"vehicleId":"good-truck","fixedAtMs":${startMs},"lonDeg":121.4}`)],
      ['field-type', text(`{"vehicleId":"good-truck","fixedAtMs":${startMs},"lonDeg":"121.4","latDeg":31.2}`)],
      ['json-broken', text(`{"vehicleId":"good-truck","fixedAtMs":${startMs},"lonDeg":NaN,"latDeg":31.2}`)],
      [
        'coordinates-out-of-range',
        text(`{"vehicleId":"good-truck","fixedAtMs":${startMs},"lonDeg":121.4,"latDeg":91}`),
      ],
      ['clock-ahead', json(fix('ahead-truck', 0, { fixedAtMs: startMs + 20 * 3_600_000, receivedAtMs: startMs }))],
      ['vehicle-unknown', json(fix('nobody-registered-it', 1))],
      ['record-too-large', text(`{"vehicleId":"good-truck","pad":"${'x'.repeat(5_000_000)}"}`)],
      ['empty-record', home('good-truck', new Uint8Array(0))],
      ['empty-record', home('good-truck', null)],
      ['frame-crc-mismatch', home('good-truck', wrongCrc)],
      ['frame-truncated', home('good-truck', frame.slice(0, 40))],
      ['unknown-magic', home('good-truck', Uint8Array.of(0, 1, 2, 3))],
      ['coordinates-out-of-range', json(fix('sos-truck', 2, { latDeg: 91, alarmFlags: 1 }))],
    ];
    const good = Array.from({ length: 12 }, (_, i) => fix('good-truck', i * 5));
    const afterwards = Array.from({ length: 12 }, (_, i) => fix('ahead-truck', 10 + i * 5));
    const strays = Array.from({ length: 12 }, (_, i) => fix('stray-truck', i * 5));

    const ingest = await road.start();
    for (const [i, it] of good.entries()) {
      const between = bad.slice(Math.floor((i * bad.length) / 12), Math.floor(((i + 1) * bad.length) / 12));
      await log.append(road.topics.telemetry, [json(it), ...between.map(([, record]) => record)]);
    }
    await log.append(road.topics.telemetry, afterwards.map(json));
    await log.append(
      road.topics.telemetry,
      strays.map((it) => ({ ...json(it), partition: 1 - strayHome })),
    );

    const fixes = good.length + afterwards.length + strays.length;
    await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(fixes), { timeout: 30_000 });
    await ingest.close();

    const expected: Record<string, number> = {};
    for (const [reason] of bad) expected[reason] = (expected[reason] ?? 0) + 1;
    expect(road.metrics.counters.rejects).toEqual(expected);
    expect(road.metrics.counters.rerouted).toBe(strays.length);

    const letters = (await road.deadLetters()).map(({ headers }) => headers);
    const told: Record<string, number> = {};
    for (const letter of letters) {
      told[letter['reason']!] = (told[letter['reason']!] ?? 0) + 1;
      expect(letter['topic']).toBe(road.topics.telemetry);
      expect([0, 1]).toContain(Number(letter['partition']));
      expect(Number(letter['offset'])).toBeGreaterThanOrEqual(0);
      expect(letter['detail']!.length).toBeGreaterThan(10);
    }
    // Notices of re-routed records are limited to ten a second.
    const { 'wrong-partition': notices = 0, ...rejected } = told;
    expect(rejected).toEqual(expected);
    expect(notices).toBeGreaterThan(0);

    const raised = (await road.steps()).filter((step) => step.kind === 'raised');
    expect(raised.map((step) => `${step.rule} ${step.vehicleId}`).toSorted()).toEqual([
      'clock-skew ahead-truck',
      'overspeed ahead-truck',
      'overspeed good-truck',
      'overspeed stray-truck',
      'sos sos-truck',
    ]);
  });
});
