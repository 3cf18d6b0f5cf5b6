import { expect, test } from 'vitest';
import { alarmAfter, type AlarmStep } from './alarm.ts';

const raised: AlarmStep = {
  v: 1,
  kind: 'raised',
  alarmId: '0'.repeat(32),
  seq: 1,
  rule: 'sos',
  vehicleId: 'truck',
  class: 'heavy',
  level: 4,
  tier: 'T3',
  late: false,
  atMs: 1_000,
  startedAtMs: 1_000,
  raisedAtMs: 1_000,
  distanceM: 0,
  explanation: 'emergency button pressed, 0 s, policy v1',
  policyVersion: 1,
  cause: { partition: 0, offset: 0, index: 0 },
  producedAtMs: 1_100,
};

test.each([
  [raised, { status: 'open', updatedAtMs: 1_000 }],
  [{ ...raised, kind: 'escalated', seq: 2, atMs: 2_000 } as const, { status: 'open', updatedAtMs: 2_000, seq: 2 }],
  [{ ...raised, kind: 'cleared', seq: 3, atMs: 3_000 } as const, { status: 'cleared', updatedAtMs: 3_000, seq: 3 }],
])('the alarm after a step tells what the step tells, less what is of the step alone', (step, expected) => {
  const alarm = alarmAfter(step);
  expect({ ...step, ...alarm }).toEqual({ ...step, ...expected });
  for (const ofTheStep of ['v', 'kind', 'atMs']) expect(alarm).not.toHaveProperty(ofTheStep);
});
