import { clearedKeptMax } from '@haulwatch/alerting';
import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix, type AlarmStep } from '@haulwatch/domain';
import type { History, HistoryBatch, Log } from '@haulwatch/ports';
import { createLogger } from '@haulwatch/service';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, test } from 'vitest';
import { AlertsMetrics, type AlertsPorts } from './app.ts';
import { readShortWay } from './short-way.ts';

const step = (n: number, told: Partial<AlarmStep> = {}): AlarmStep =>
  sampleStep({ alarmId: sampleAlarmId(n), ...told });
const steps = [100, 2_000, 2_998, 2_999, 3_500].map((position) => ({ position, step: step(position) }));

/** A log that has these steps at their places, and a history that tells of them. */
function portsWith(history: Partial<AlertsPorts['history']> | undefined, inLog: HistoryBatch['steps'] = steps) {
  const read: Log['read'] = async (_topic, partition, offset) =>
    inLog
      .filter(({ position }) => position === offset)
      .map((it) => ({
        partition,
        offset,
        key: null,
        value: Buffer.from(encodeAlarmStep(it.step)),
        headers: {},
        timestampMs: 0,
      }));
  const told: NonNullable<AlertsPorts['history']> = {
    position: async () => 3_999,
    newestSteps: async (after) => ({ upTo: 3_999, steps: steps.filter(({ position }) => position > after) }),
    ...history,
  };
  return {
    log: { read } as Log,
    ...(history !== undefined && { history: told }),
    topics: topicsWithPrefix(''),
    logger: createLogger('alerts', 'silent'),
    metrics: new AlertsMetrics(),
  } as unknown as AlertsPorts;
}

const positionsOf = async (ports: AlertsPorts, after: number, end: number) => {
  const found = await readShortWay(ports, after, end);
  return found && { upTo: found.upTo, positions: found.steps.map(({ position }) => position) };
};

test('goes up to before what came since, and leaves the log at least one record', async () => {
  expect(await positionsOf(portsWith({}), -1, 3_000)).toEqual({ upTo: 2_998, positions: [100, 2_000, 2_998] });
  expect(await positionsOf(portsWith({}), -1, 9_000)).toEqual({
    upTo: 3_998,
    positions: [100, 2_000, 2_998, 2_999, 3_500],
  });
  expect(await positionsOf(portsWith({}), 500, 3_000)).toEqual({ upTo: 2_998, positions: [2_000, 2_998] });
});

const failing = async (): Promise<never> => {
  throw new Error('the database is away');
};
const cleared = step(1, { kind: 'cleared' });
const clearedSince: History['newestSteps'] = async () => ({
  upTo: 3_999,
  steps: [...Array.from({ length: clearedKeptMax }, () => ({ position: 3_400, step: cleared })), steps[4]!],
});

test.each<[string, AlertsPorts, number, number]>([
  ['there is no history', portsWith(undefined), -1, 3_000],
  ['the log is near', portsWith({}), 2_000, 3_000],
  ['the history is hardly further than the store', portsWith({ position: async () => 900 }), -1, 3_000],
  ['the history is empty', portsWith({ position: async () => -1 }), -1, 3_000],
  ['the history does not answer', portsWith({ position: failing }), -1, 3_000],
  ['the history breaks off', portsWith({ newestSteps: failing }), -1, 3_000],
  ['the log is another one', portsWith({}, []), -1, 3_000],
  ['the log was made anew', portsWith({}, [{ position: 3_500, step: step(7) }]), -1, 3_000],
  [
    'more were cleared than are told of, and the store may have them as open',
    portsWith({ newestSteps: clearedSince }),
    5,
    9_000,
  ],
])('the log is read where %s', async (_why, ports, after, end) => {
  expect(await readShortWay(ports, after, end)).toBeUndefined();
});

test('an empty store has nothing open: however many were cleared', async () => {
  expect(await readShortWay(portsWith({ newestSteps: clearedSince }), -1, 9_000)).toMatchObject({ upTo: 3_998 });
});
