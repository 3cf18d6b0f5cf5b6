import { openSqliteLog } from '@haulwatch/embedded';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openRoad, type Road } from './_road.ts';

const partitions = 2;
const startMs = Date.parse('2026-11-22T02:00:00Z');
const iso = (second: number): string => new Date(startMs + second * 1_000).toISOString().replace('Z', '+00:00');

/** A position as Traccar forwards it: speed in knots, id 0, keyed by the device's row number. */
function position(
  second: number,
  speedKph: number,
  more: Record<string, unknown> = {},
  attributes: Record<string, unknown> = {},
): string {
  return JSON.stringify({
    position: {
      id: 0,
      attributes: { ignition: true, ...attributes },
      deviceId: 1,
      protocol: 'jt808',
      serverTime: iso(second),
      deviceTime: iso(second),
      fixTime: iso(second),
      valid: true,
      latitude: 31 + second * 0.0003,
      longitude: 121.9,
      altitude: 4,
      speed: speedKph * 0.539957,
      course: 0,
      accuracy: 0,
      network: null,
      geofenceIds: null,
      ...more,
    },
    device: { id: 1, uniqueId: '13900000000', name: 'truck', attributes: {} },
  });
}

describeWithServers("Traccar's topic on real Kafka", ['kafka'], ({ kafka }) => {
  let log: Log;
  let road: Road;
  beforeAll(async () => {
    log = await openKafkaLog({ brokers: [...kafka.bootstrapServers], clientId: 'bridge' });
    road = await openRoad(log, kafka.topicPrefix, partitions, [
      { id: 'truck-1', class: 'heavy', aliases: ['13900000000'] },
    ]);
  });
  afterAll(async () => await log.close());

  test('is carried into telemetry under the vehicle’s own id, whatever partition it lay on', async () => {
    const speeding = Array.from({ length: 9 }, (_, i) => position(i * 5, 120));
    const records = [
      ...speeding,
      // The same frame again, a late press of the button (Traccar itself is silent on that), a broken record, an event.
      speeding[8]!,
      position(-600, 0, {}, { alarm: 'sos' }),
      '{"position":{',
      JSON.stringify({ event: { id: 7, type: 'deviceOverspeed' }, device: { id: 1, uniqueId: '13900000000' } }),
    ];
    const ingest = await road.start();
    await log.append(
      road.topics.traccar,
      records.map((value) => ({ partition: 1, key: '1', value })),
    );
    await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(10), { timeout: 30_000 });
    await ingest.close();

    expect(road.metrics.counters).toMatchObject({ duplicates: 1, late: 1, rejects: {}, rerouted: 0 });
    expect(road.metrics).toMatchObject({ bridged: 11, bridgeRejects: 1 });
    const steps = await road.steps();
    expect(steps.map((step) => `${step.kind} ${step.rule} ${step.vehicleId}${step.late ? ' late' : ''}`)).toEqual([
      'raised overspeed truck-1',
      'raised sos truck-1 late',
    ]);
    const [letter, ...others] = await road.deadLetters();
    expect(others).toEqual([]);
    expect(letter?.headers).toMatchObject({
      topic: road.topics.traccar,
      partition: '1',
      offset: '11',
      reason: 'json-broken',
    });
  });
});

test("Traccar's topic, whose retention has passed the commit, is read on from its oldest record, and the gap is told", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-bridge-'));
  const log = await openSqliteLog({ dir });
  onTestFinished(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });
  const vehicles = [{ id: 'truck-1', class: 'heavy', aliases: ['13900000000'] }] as const;
  const road = await openRoad(log, '', partitions, vehicles);
  const { traccar } = road.topics;
  const carry = async (...seconds: readonly number[]): Promise<void> => {
    const records = seconds.map((second) => ({ partition: 1, key: '1', value: position(second, 60) }));
    await log.append(traccar, records);
  };
  const first = await road.start();
  await carry(1, 2, 3);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(3), { timeout: 20_000 });
  await first.close();
  await carry(4, 5);
  await log.maintain(Date.now() + 2 * 86_400_000);

  const second = await road.start();
  await carry(6);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(4), { timeout: 20_000 });
  await second.close();
  const letters = await road.deadLetters();
  expect(letters.map(({ headers }) => headers)).toMatchObject([
    { reason: 'data-gap', topic: traccar, partition: '1', offset: '3', 'to-offset': '5' },
  ]);
});
