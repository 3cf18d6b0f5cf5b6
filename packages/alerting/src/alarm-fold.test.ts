import { alarmAfter, type Alarm, type AlarmStep, type AlarmStepKind } from '@haulwatch/domain';
import type { KeptAlarm, LiveWrite } from '@haulwatch/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AlarmFold, clearedKeptMax, isPushed } from './alarm-fold.ts';

function stepOf(alarmId: string, seq: number, kind: AlarmStepKind, rest: Partial<AlarmStep> = {}): AlarmStep {
  return {
    v: 1,
    kind,
    alarmId,
    seq,
    rule: 'overspeed',
    vehicleId: 'truck',
    class: 'heavy',
    level: 2,
    tier: 'T1',
    late: false,
    atMs: seq * 1_000,
    startedAtMs: 0,
    raisedAtMs: 1_000,
    distanceM: 0,
    explanation: 'too fast',
    policyVersion: 1,
    cause: { partition: 0, offset: 0, index: 0 },
    producedAtMs: seq * 1_000,
    ...rest,
  };
}

/** 'a1 raised' as a step. */
function parse(line: string): AlarmStep {
  const [id, kind, ...words] = line.split(' ');
  const step = stepOf(id![0]!, Number(id!.slice(1)), kind as AlarmStepKind);
  return { ...step, late: words.includes('late'), rule: words.includes('sos') ? 'sos' : 'overspeed' };
}

/** What the fold says of each, in short: the verdict and the writes. */
function play(lines: readonly string[]): string[] {
  const fold = new AlarmFold();
  return lines.map((line, position) => {
    const { verdict, writes } = fold.fold(parse(line), position);
    return [verdict, ...writes.map((write) => (write.op === 'event' ? `event ${write.type}` : write.op))].join(', ');
  });
}

test.each<[string, [string, string][]]>([
  [
    'the life of an alarm',
    [
      ['a1 raised', 'applied, put-alarm, event raised'],
      ['a2 escalated', 'applied, put-alarm, event escalated'],
      ['a3 cleared', 'applied, put-alarm, event cleared'],
    ],
  ],
  [
    'a replay of it',
    [
      ['a1 raised', 'applied, put-alarm, event raised'],
      ['a1 raised', 'duplicate'],
      ['a2 cleared', 'applied, put-alarm, event cleared'],
      ['a1 raised', 'duplicate'],
      ['a2 cleared', 'duplicate'],
    ],
  ],
  [
    'a step that was lost is not waited for; when it comes it is old',
    [
      ['a1 raised', 'applied, put-alarm, event raised'],
      ['a3 escalated', 'applied, put-alarm, event escalated'],
      ['a2 escalated', 'duplicate'],
      ['a4 cleared', 'applied, put-alarm, event cleared'],
    ],
  ],
  [
    'an alarm whose beginning was never seen',
    [
      ['a2 cleared', 'applied, put-alarm, event cleared'],
      ['a1 raised', 'duplicate'],
    ],
  ],
  [
    'nothing opens a cleared alarm again',
    [
      ['a1 raised', 'applied, put-alarm, event raised'],
      ['a2 cleared', 'applied, put-alarm, event cleared'],
      ['a3 escalated', 'after-cleared'],
      ['a4 cleared', 'after-cleared'],
    ],
  ],
  [
    'alarms do not know of each other',
    [
      ['a1 raised', 'applied, put-alarm, event raised'],
      ['a2 cleared', 'applied, put-alarm, event cleared'],
      ['b1 raised', 'applied, put-alarm, event raised'],
    ],
  ],
  [
    'what is told late is kept and not pushed',
    [
      ['a1 raised late', 'applied, put-alarm'],
      ['a2 cleared late', 'applied, put-alarm'],
    ],
  ],
  [
    'but an emergency is',
    [
      ['a1 raised late sos', 'applied, put-alarm, event raised'],
      ['a2 cleared late sos', 'applied, put-alarm, event cleared'],
    ],
  ],
])('%s', (_, told) => {
  expect(play(told.map(([line]) => line))).toEqual(told.map(([, decision]) => decision));
});

/** The same, where lines may be 'old' (they come out of a backlog), and 'over' is the end of a backlog. */
function playBacklog(lines: readonly string[]): string[] {
  const fold = new AlarmFold();
  return lines.map((line, position) => {
    const writes =
      line === 'over' ? fold.tellUntold(position) : fold.fold(parse(line), position, line.includes(' old')).writes;
    return writes
      .map((write) => {
        if (write.op === 'put-alarm')
          return `put${write.alarm.untold === undefined ? '' : ` untold ${write.alarm.untold}`}`;
        return write.op === 'event' ? `${write.type} ${(JSON.parse(write.data) as Alarm).seq}` : write.op;
      })
      .join(', ');
  });
}

test.each<[string, [string, string][]]>([
  [
    'of a backlog what is still open is told when it is over, as it stands then',
    [
      ['a1 raised old', 'put untold raised'],
      ['a2 escalated old', 'put untold raised'],
      ['b1 raised old', 'put untold raised'],
      ['b2 cleared old', 'put'],
      ['over', 'put, raised 2'],
      ['over', ''],
      ['a3 cleared', 'put, cleared 3'],
    ],
  ],
  [
    'what people have before their eyes is cleared at once, and escalated in the end',
    [
      ['a1 raised', 'put, raised 1'],
      ['b1 raised', 'put, raised 1'],
      ['a2 escalated old', 'put untold escalated'],
      ['b2 cleared old', 'put, cleared 2'],
      ['over', 'put, escalated 2'],
    ],
  ],
  [
    'nor does an escalation hide that it is over',
    [
      ['a1 raised', 'put, raised 1'],
      ['a2 escalated old', 'put untold escalated'],
      ['a3 cleared old', 'put, cleared 3'],
      ['over', ''],
    ],
  ],
  [
    'news of an alarm out of a backlog is told at once, and tells it all',
    [
      ['a1 raised old', 'put untold raised'],
      ['a2 escalated', 'put, escalated 2'],
      ['over', ''],
    ],
  ],
  [
    'an emergency never waits',
    [
      ['a1 raised old sos', 'put, raised 1'],
      ['a2 cleared old sos', 'put, cleared 2'],
    ],
  ],
  [
    'what is told late is told to nobody, backlog or not',
    [
      ['a1 raised late old', 'put'],
      ['over', ''],
    ],
  ],
])('%s', (_, told) => {
  expect(playBacklog(told.map(([line]) => line))).toEqual(told.map(([, decision]) => decision));
});

test('writes carry the position, the whole alarm and the event that people see', () => {
  const raised = stepOf('a', 1, 'raised', { company: 'Acme' });
  const alarm = alarmAfter(raised);
  expect(new AlarmFold().fold(raised, 42).writes).toEqual([
    { op: 'put-alarm', position: 42, alarm },
    { op: 'event', position: 42, index: 0, type: 'raised', data: JSON.stringify(alarm) },
  ]);
});

test('counts what is open', () => {
  const fold = new AlarmFold();
  const counts = ['a1 raised', 'b1 raised', 'a2 escalated', 'a3 cleared', 'a3 cleared', 'c2 cleared', 'b2 cleared'];
  expect(
    counts.map((line, position) => {
      fold.fold(parse(line), position);
      return fold.openCount;
    }),
  ).toEqual([1, 2, 2, 1, 1, 1, 0]);
});

describe('what is cleared is forgotten in time', () => {
  /** A fold that keeps as many cleared alarms as it may, numbered 0, 1, 2 ... in the order of their clearing. */
  function full(): AlarmFold {
    const kept = Array.from({ length: clearedKeptMax }, (_, i) =>
      alarmAfter(stepOf(String(i), 2, 'cleared', { producedAtMs: i })),
    );
    return new AlarmFold([...kept.toReversed(), alarmAfter(stepOf('open', 1, 'raised', { producedAtMs: -1 }))]);
  }

  test('the longest cleared first, one for each that comes, never an open one', () => {
    const fold = full();
    const drops = ['x', 'y']
      .flatMap((id) => fold.fold(stepOf(id, 1, 'cleared'), 7).writes)
      .filter(({ op }) => op === 'drop-alarm');
    expect(drops).toEqual([
      { op: 'drop-alarm', position: 7, alarmId: '0' },
      { op: 'drop-alarm', position: 7, alarmId: '1' },
    ]);
    expect(fold.fold(stepOf('open', 1, 'raised'), 8).verdict).toBe('duplicate');
    expect(fold.fold(stepOf('2', 1, 'raised'), 8).verdict).toBe('duplicate');
  });

  test('a late alarm that was cleared last is not the first to go, whatever its event time', () => {
    const fold = new AlarmFold([
      ...Array.from({ length: clearedKeptMax - 1 }, (_, i) =>
        alarmAfter(stepOf(String(i), 2, 'cleared', { atMs: 1_000 + i, producedAtMs: i })),
      ),
      alarmAfter(stepOf('late', 2, 'cleared', { atMs: 5, late: true, producedAtMs: clearedKeptMax })),
    ]);
    expect(fold.fold(stepOf('x', 1, 'cleared'), 0).writes.at(-1)).toEqual({
      op: 'drop-alarm',
      position: 0,
      alarmId: '0',
    });
  });
});

/** The plainest store: it does as it is told. */
function applyTo(store: Map<string, KeptAlarm>, writes: readonly LiveWrite[]): void {
  for (const write of writes) {
    if (write.op === 'put-alarm') store.set(write.alarm.alarmId, write.alarm);
    if (write.op === 'drop-alarm') store.delete(write.alarmId);
  }
}

/** Steps of a few alarms in any order, some twice, some never. */
const steps = fc.array(
  fc
    .record({
      alarmId: fc.constantFrom('a', 'b', 'c'),
      seq: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('raised', 'escalated', 'cleared'),
      late: fc.boolean(),
      rule: fc.constantFrom('overspeed', 'sos'),
      producedAtMs: fc.nat(5),
    } as const)
    .map(({ alarmId, seq, kind, ...rest }) => stepOf(alarmId, seq, kind, rest)),
  { maxLength: 30 },
);

test('a restart from what the store holds, in whatever order, decides as if there had been none', () => {
  fc.assert(
    fc.property(steps, fc.nat(30), fc.boolean(), fc.nat(30), (log, cut, reversed, oldCount) => {
      const through = new AlarmFold();
      const store = new Map<string, KeptAlarm>();
      for (const [position, step] of log.slice(0, cut).entries()) {
        applyTo(store, through.fold(step, position, position < oldCount).writes);
      }
      const held = [...store.values()];
      const restarted = new AlarmFold(reversed ? held.reverse() : held);
      expect([restarted.openCount, restarted.hasUntold]).toEqual([through.openCount, through.hasUntold]);
      for (const [i, step] of log.slice(cut).entries()) {
        const isOld = cut + i < oldCount;
        expect(restarted.fold(step, cut + i, isOld)).toEqual(through.fold(step, cut + i, isOld));
      }
      const told = (fold: AlarmFold): string[] =>
        fold.tellUntold(99).flatMap((it) => (it.op === 'event' ? it.data : []));
      expect(told(restarted).sort()).toEqual(told(through).sort());
    }),
  );
});

test('whatever was a backlog, in the end the store holds the same, and people know of all that is open', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (log, old) => {
      const [plain, fold] = [new AlarmFold(), new AlarmFold()];
      const [expected, store] = [new Map<string, KeptAlarm>(), new Map<string, KeptAlarm>()];
      const seen = new Map<string, Alarm>();
      const take = (writes: readonly LiveWrite[]): void => {
        applyTo(store, writes);
        for (const write of writes) {
          if (write.op !== 'event') continue;
          const alarm = JSON.parse(write.data) as Alarm;
          seen.set(alarm.alarmId, alarm);
        }
      };
      for (const [position, step] of log.entries()) {
        applyTo(expected, plain.fold(step, position).writes);
        take(fold.fold(step, position, old[position]).writes);
      }
      take(fold.tellUntold(log.length));
      expect(store).toEqual(expected);
      for (const alarm of store.values()) {
        if (alarm.status === 'open' && isPushed(alarm)) expect(seen.get(alarm.alarmId)).toEqual(alarm);
        else if (seen.get(alarm.alarmId)?.status === 'open') expect(isPushed(alarm)).toBe(false);
      }
    }),
  );
});

test('a replay of the log from any place changes nothing', () => {
  fc.assert(
    fc.property(steps, fc.nat(30), (log, from) => {
      const fold = new AlarmFold();
      for (const [position, step] of log.entries()) fold.fold(step, position);
      const again = log.slice(from).map((step, i) => fold.fold(step, from + i));
      expect(again.flatMap(({ writes }) => writes)).toEqual([]);
    }),
  );
});
