import type { LogRecord } from '@haulwatch/ports';
import { expect, test } from 'vitest';
import { PartitionLanes, type Lane } from './partition-lanes.ts';

function lanesForTest(): {
  lanes: PartitionLanes;
  steps: string[];
  errors: unknown[];
  gate: PromiseWithResolvers<void>;
} {
  const steps: string[] = [];
  const errors: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const lanes = new PartitionLanes(
    {
      onAssigned: async (_, committed) => {
        steps.push(`assigned ${committed?.metadata ?? 'without commit'}`);
        await gate.promise;
        return 0;
      },
      onBatch: async ({ records }) => {
        steps.push(`batch at ${records[0]!.offset}`);
        await gate.promise;
        steps.push('batch ends');
      },
      onRevoked: () => void steps.push('revoked'),
    },
    (error) => errors.push(error),
  );
  return { lanes, steps, errors, gate };
}

const startReading = async (lane: Lane): Promise<void> => {
  lane.phase = 'reading';
  lane.next = 0;
};

const record: LogRecord = { partition: 0, offset: 0, key: null, value: null, headers: {}, timestampMs: 0 };

test('a partition that goes while its batch runs is revoked after it, and taken anew after that', async () => {
  const { lanes, steps, gate } = lanesForTest();
  lanes.take(0, undefined, startReading);
  gate.resolve();
  await lanes.idle();
  const batch = lanes.handle(lanes.get(0)!, [record], 1);
  lanes.release(lanes.get(0)!);
  expect(lanes.get(0)).toBeUndefined();
  lanes.take(0, { partition: 0, offset: 0, metadata: 'of somebody' }, startReading);
  await Promise.all([batch, lanes.idle()]);
  expect(steps).toEqual(['assigned without commit', 'revoked', 'assigned of somebody']);
});

test('a batch that has begun ends before the partition is revoked', async () => {
  const { lanes, steps, gate } = lanesForTest();
  gate.resolve();
  lanes.take(0, undefined, startReading);
  await lanes.idle();
  const lane = lanes.get(0)!;
  const batch = lanes.handle(lane, [record], 1);
  await Promise.resolve();
  await Promise.resolve();
  lanes.release(lane);
  await Promise.all([batch, lanes.idle()]);
  expect(steps).toEqual(['assigned without commit', 'batch at 0', 'batch ends', 'revoked']);
  expect(lane.next).toBe(1);
});

test('a partition that goes before its turn came was never assigned', async () => {
  const { lanes, steps, gate } = lanesForTest();
  lanes.take(0, undefined, startReading);
  lanes.release(lanes.get(0)!);
  gate.resolve();
  await lanes.idle();
  expect(steps).toEqual([]);
});

test('after an error nothing is called any more', async () => {
  const { lanes, steps, errors, gate } = lanesForTest();
  const bug = new Error('a bug in the handler');
  gate.reject(bug);
  lanes.take(0, undefined, startReading);
  await lanes.idle();
  lanes.take(1, undefined, startReading);
  lanes.release(lanes.get(0)!);
  await lanes.idle();
  expect(errors).toEqual([bug]);
  expect(steps).toEqual(['assigned without commit']);
});
