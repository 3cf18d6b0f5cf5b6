import { homePartition, readFrameRows } from '@haulwatch/codec';
import { FixBatch, Fleet } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { SimulatedGateway } from './simulated-gateway.ts';
import { createSimulator } from './simulator.ts';

test('every fix of a step travels in a frame on its vehicle’s home partition, in order', () => {
  const startMs = Date.parse('2026-11-22T00:00:00Z');
  const simulator = createSimulator({ seed: 3, vehicles: 300, startMs, periodMs: 1_000 });
  const fleet = new Fleet();
  for (const vehicle of fleet.register(simulator.fleet())) fleet.put(vehicle);
  const entries = simulator.fleet();
  const gateway = new SimulatedGateway(entries, fleet, 4);
  const batch = new FixBatch(4_096);
  simulator.step(startMs + 9_999, batch);
  const expected = new Map<string, number[]>();
  for (let row = 0; row < batch.count; row += 1) {
    const { id } = entries[batch.vehicle[row]!]!;
    expected.set(id, [...(expected.get(id) ?? []), batch.fixedAtMs[row]!]);
  }

  const seen = new Map<string, number[]>();
  for (const { partition, value } of gateway.frames(batch, startMs + 10_000)) {
    const frame = readFrameRows(value);
    if ('reason' in frame) throw new Error(frame.detail);
    for (const row of frame.rows) {
      const { id } = fleet.findNumber(row.vehicleNumber)!;
      expect(homePartition(id, 4)).toBe(partition);
      seen.set(id, [...(seen.get(id) ?? []), row.fixedAtMs]);
    }
  }
  expect(batch.count).toBe(3_000);
  expect(seen).toEqual(expected);
});

test('a vehicle that is not registered is refused', () => {
  expect(() => new SimulatedGateway([{ id: 'stranger', class: 'heavy' }], new Fleet(), 4)).toThrow('stranger');
});
