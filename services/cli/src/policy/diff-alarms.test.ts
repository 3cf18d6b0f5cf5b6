import { alarmAfter, suppressions, tiers, type Alarm, type AlarmStep, type Level } from '@haulwatch/domain';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffAlarms, type AlarmChange, type AlarmDiff } from './diff-alarms.ts';

const beganAtMs = Date.parse('2026-03-01T08:00:00Z');

/** An alarm from one second to another; without an end it is open. */
function alarm(fromS: number, toS: number | undefined, other: Partial<AlarmStep> = {}): Alarm {
  const startedAtMs = beganAtMs + fromS * 1_000;
  const ending = toS === undefined ? {} : { kind: 'cleared' as const, endedAtMs: beganAtMs + toS * 1_000 };
  const atMs = ending.endedAtMs ?? startedAtMs + 5_000;
  return alarmAfter(sampleStep({ alarmId: sampleAlarmId(fromS), startedAtMs, atMs, ...ending, ...other }));
}

/** Beginnings of the alarms, in seconds: `a~b` for a pair that changed. */
function told({ appeared, vanished, changed }: AlarmDiff) {
  const second = ({ startedAtMs }: Alarm): number => (startedAtMs - beganAtMs) / 1_000;
  return {
    appeared: appeared.map(second),
    vanished: vanished.map(second),
    changed: changed.map(({ a, b, changes }) => `${second(a)}~${second(b)} ${changes.join(' ')}`),
  };
}

const none = { appeared: [], vanished: [], changed: [] };

describe('the same alarm under both policies', () => {
  test.each<[string, Alarm[], Alarm[], Partial<ReturnType<typeof told>>]>([
    ['nothing', [], [], {}],
    ['equal', [alarm(0, 60)], [alarm(0, 60)], {}],
    ['it begins later', [alarm(0, 60)], [alarm(20, 60)], { changed: ['0~20 duration'] }],
    ['it is still open', [alarm(0, 60)], [alarm(0, undefined)], { changed: ['0~0 duration'] }],
    ['open under both', [alarm(0, undefined)], [alarm(0, undefined)], {}],
    ['only under B', [], [alarm(0, 60)], { appeared: [0] }],
    ['only under A', [alarm(0, 60)], [], { vanished: [0] }],
    ['one after the other', [alarm(0, 60)], [alarm(60, 90)], { appeared: [60], vanished: [0] }],
    ['a moment, at the same time', [alarm(5, 5)], [alarm(5, 5)], {}],
    ['a moment within', [alarm(0, 60)], [alarm(30, 30)], { changed: ['0~30 duration'] }],
    ['a moment at the end, when it was over', [alarm(0, 60)], [alarm(60, 60)], { appeared: [60], vanished: [0] }],
    [
      'two of one: the longer overlap is the same',
      [alarm(0, 100)],
      [alarm(0, 30), alarm(40, 100)],
      { appeared: [0], changed: ['0~40 duration'] },
    ],
    ['one of two', [alarm(0, 30), alarm(40, 100)], [alarm(0, 100)], { vanished: [0], changed: ['40~0 duration'] }],
    [
      'the longest overlap first, not the first one',
      [alarm(0, 50), alarm(60, 100)],
      [alarm(40, 100)],
      { vanished: [0], changed: ['60~40 duration'] },
    ],
    [
      'an open one lasts until the last that is known of any',
      [alarm(0, undefined)],
      [alarm(0, 50), alarm(60, 200)],
      { appeared: [0], changed: ['0~60 duration'] },
    ],
    [
      'two beside each other stay apart',
      [alarm(0, 50), alarm(60, 100)],
      [alarm(10, 50), alarm(60, 100)],
      { changed: ['0~10 duration'] },
    ],
  ])('%s', (_what, a, b, expected) => {
    expect(told(diffAlarms(a, b))).toEqual({ ...none, ...expected });
  });

  test.each<[string, Partial<AlarmStep>]>([
    ['another vehicle', { vehicleId: 'truck-2' }],
    ['another rule', { rule: 'sos' }],
    ['another fence', { fenceId: 'gate' }],
    ['another kind', { subject: '6502' }],
    ['the late lane', { late: true }],
  ])('%s is another alarm', (_what, other) => {
    expect(told(diffAlarms([alarm(0, 60)], [alarm(0, 60, other)]))).toEqual({ ...none, appeared: [0], vanished: [0] });
  });

  test.each<[Partial<AlarmStep>, AlarmChange[]]>([
    [{ level: 4 }, ['level']],
    [{ tier: 'T3' }, ['tier']],
    [{ peak: 91 }, ['peak']],
    [{ limit: 50 }, ['limit']],
    [{ suppressedBy: 'flapping' }, ['suppressed']],
    [{ level: 4, limit: 50, endedAtMs: beganAtMs + 90_000 }, ['level', 'limit', 'duration']],
    [{ explanation: 'other words', policyVersion: 13, alarmId: sampleAlarmId(99), seq: 7 }, []],
  ])('%j', (other, changes) => {
    const { changed } = diffAlarms([alarm(0, 60)], [alarm(0, 60, other)]);
    expect(changed.map((one) => one.changes)).toEqual(changes.length === 0 ? [] : [changes]);
  });
});

test('the counts of each rule', () => {
  const sos = { rule: 'sos' as const };
  const { byRule } = diffAlarms(
    [alarm(0, 60), alarm(100, 160), alarm(0, 5, sos)],
    [alarm(0, 60, { level: 1, tier: 'T0' }), alarm(100, 160, { level: 1 }), alarm(200, 260), alarm(0, 5, sos)],
  );
  expect(byRule).toEqual({
    overspeed: { alarmsA: 2, alarmsB: 3, appeared: 1, vanished: 0, changed: 2, changes: { level: 2, tier: 1 } },
    sos: { alarmsA: 1, alarmsB: 1, appeared: 0, vanished: 0, changed: 0, changes: {} },
  });
});

test('in order of time, whatever the order of the alarms', () => {
  const { appeared } = diffAlarms([], [alarm(30, 40), alarm(0, 10, { vehicleId: 'b' }), alarm(10, 20)]);
  expect(appeared.map(({ startedAtMs }) => startedAtMs - beganAtMs)).toEqual([0, 10_000, 30_000]);
});

/** Alarms of few vehicles and a short time, so that many overlap: also those of one run, which an engine never does. */
const alarms = fc
  .array(
    fc.record({
      fromS: fc.integer({ min: 0, max: 20 }),
      lastsS: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
      vehicleId: fc.constantFrom('a', 'b'),
      fenceId: fc.constantFrom('gate', 'yard'),
      late: fc.boolean(),
      level: fc.constantFrom<Level>(1, 2),
      tier: fc.constantFrom(...tiers),
      suppressedBy: fc.option(fc.constantFrom(...suppressions), { nil: undefined }),
    }),
    { maxLength: 25 },
  )
  .map((list) =>
    list.map(({ fromS, lastsS, suppressedBy, ...rest }, at) => {
      const suppressed = suppressedBy === undefined ? {} : { suppressedBy };
      const end = lastsS === undefined ? undefined : fromS + lastsS;
      return alarm(fromS, end, { ...rest, ...suppressed, alarmId: sampleAlarmId(at) });
    }),
  );

test('a run does not differ from itself', () => {
  fc.assert(
    fc.property(alarms, (run) => {
      expect(told(diffAlarms(run, run))).toEqual(none);
    }),
  );
});

test('swapping A and B swaps what appears and what vanishes', () => {
  fc.assert(
    fc.property(alarms, alarms, (a, b) => {
      const [forth, back] = [diffAlarms(a, b), diffAlarms(b, a)];
      expect(back.appeared).toEqual(forth.vanished);
      expect(back.vanished).toEqual(forth.appeared);
      const pairs = forth.changed.map((one) => ({ a: one.b, b: one.a, changes: one.changes }));
      expect(new Set(back.changed)).toEqual(new Set(pairs));
    }),
  );
});

test('every alarm is in one pair or alone', () => {
  fc.assert(
    fc.property(alarms, alarms, (a, b) => {
      const { appeared, vanished, changed } = diffAlarms(a, b);
      const ofA = [...vanished, ...changed.map((one) => one.a)];
      const ofB = [...appeared, ...changed.map((one) => one.b)];
      expect(new Set(ofA).size).toBe(ofA.length);
      expect(new Set(ofB).size).toBe(ofB.length);
      // Those that are left are the same under both, so there are as many on either side.
      expect(a.length - ofA.length).toBe(b.length - ofB.length);
    }),
  );
});
