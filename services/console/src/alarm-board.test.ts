import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyAlarm,
  applySnapshot,
  arrange,
  countOpen,
  createBoard,
  fadeMs,
  formatAge,
  newestFirst,
  sweep,
  type Alarm,
} from '../public/alarm-board.js';

function alarm(alarmId: string, seq = 1, changes: Partial<Alarm> = {}): Alarm {
  return {
    alarmId,
    seq,
    status: 'open',
    rule: 'overspeed',
    level: 2,
    vehicleId: 'SIM-000001',
    class: 'heavy',
    late: false,
    raisedAtMs: 1_000,
    explanation: 'too fast',
    ...changes,
  };
}

const cleared = (alarmId: string, seq: number): Alarm => alarm(alarmId, seq, { status: 'cleared' });
const complete = (askedAtMs: number, nowMs: number) => ({ complete: true, askedAtMs, nowMs });

describe('an event is taken when its seq is newer than what is shown', () => {
  test.each([
    ['unknown', [], alarm('a', 1), true],
    ['the next step', [alarm('a', 1)], alarm('a', 2), true],
    ['repeated', [alarm('a', 2)], alarm('a', 2), false],
    ['older', [alarm('a', 2)], alarm('a', 1), false],
    ['cleared', [alarm('a', 1)], cleared('a', 2), true],
    ['raised again after its clearing', [alarm('a', 1), cleared('a', 2)], alarm('a', 1), false],
    ['raised after a clearing that came first', [cleared('a', 2)], alarm('a', 1), false],
    ['told after the fact', [], alarm('a', 1, { late: true }), false],
    ['an emergency button told after the fact', [], alarm('a', 1, { late: true, rule: 'sos' }), true],
  ])('%s', (_name, before, event, taken) => {
    const board = createBoard();
    for (const step of before) applyAlarm(board, step, 0);
    expect(applyAlarm(board, event, 0)).toBe(taken);
    expect(board.rows.size).toBeLessThanOrEqual(1);
  });

  test('in any order and any number, the newest step wins (property)', () => {
    const steps = ['a', 'b'].flatMap((id) => [alarm(id, 1), alarm(id, 2, { level: 3 }), alarm(id, 3, { level: 4 })]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...steps, ...steps], { minLength: 1 }), (events) => {
        const board = createBoard();
        for (const event of events) applyAlarm(board, event, 0);
        const newest = (id: string): number => Math.max(0, ...events.filter((e) => e.alarmId === id).map((e) => e.seq));
        for (const id of ['a', 'b']) expect(board.rows.get(id)?.alarm.seq ?? 0).toBe(newest(id));
      }),
    );
  });
});

describe('the list of open alarms', () => {
  test('closes what it does not name, keeps what is newer than the question', () => {
    const board = createBoard();
    applyAlarm(board, alarm('before'), 100);
    applyAlarm(board, alarm('listed'), 100);
    applyAlarm(board, alarm('after'), 250);
    applySnapshot(board, [alarm('listed'), alarm('unseen')], complete(200, 300));
    expect([...board.rows].map(([id, row]) => [id, row.alarm.status])).toEqual([
      ['before', 'cleared'],
      ['listed', 'open'],
      ['after', 'open'],
      ['unseen', 'open'],
    ]);
  });

  test('closes nothing when it is cut off', () => {
    const board = createBoard();
    applyAlarm(board, alarm('before'), 100);
    applySnapshot(board, [alarm('listed')], { complete: false, askedAtMs: 200, nowMs: 300 });
    expect(countOpen(board).open).toBe(2);
  });

  test.each([
    ['at once', 0],
    ['after it has gone', fadeMs],
  ])('of a store that is being rebuilt closes an alarm only until its event repeats, %s', (_when, laterMs) => {
    const board = createBoard();
    applyAlarm(board, alarm('a', 2), 100);
    applySnapshot(board, [], complete(200, 300));
    sweep(board, new Set(), 300 + laterMs);
    expect(countOpen(board).open).toBe(0);
    expect([1, 2, 2].map((seq) => applyAlarm(board, alarm('a', seq), 301 + laterMs))).toEqual([false, true, false]);
    expect(countOpen(board).open).toBe(1);
  });

  test.each([
    ['older', 150, 'cleared'],
    ['newer', 350, 'open'],
  ])('that is %s than the one that left an alarm out', (_which, askedAtMs, status) => {
    const board = createBoard();
    applyAlarm(board, alarm('a', 2), 100);
    applySnapshot(board, [], complete(200, 300));
    applySnapshot(board, [alarm('a', 2)], complete(askedAtMs, 400));
    expect(board.rows.get('a')?.alarm.status).toBe(status);
  });

  test('does not bring back what was cleared while it was on its way', () => {
    const board = createBoard();
    applyAlarm(board, alarm('a', 1), 100);
    applyAlarm(board, cleared('a', 2), 250);
    sweep(board, new Set(), 250 + fadeMs);
    applySnapshot(board, [alarm('a', 1)], complete(200, 300));
    expect(board.rows.size).toBe(0);
  });
});

test('a cleared alarm fades, then goes, unless it is held', () => {
  const board = createBoard();
  applyAlarm(board, alarm('a', 1), 0);
  applyAlarm(board, cleared('a', 2), 1_000);
  expect(sweep(board, new Set(), 999 + fadeMs)).toBe(false);
  expect(sweep(board, new Set(['a']), 1_000 + fadeMs)).toBe(false);
  expect(sweep(board, new Set(), 1_000 + fadeMs)).toBe(true);
  expect(board.rows.size).toBe(0);
});

test('counters count what is open', () => {
  const board = createBoard();
  const alarms = [alarm('a', 1), alarm('b', 1, { rule: 'sos', level: 4 }), alarm('c', 1), cleared('c', 2)];
  for (const event of alarms) applyAlarm(board, event, 0);
  const counts = countOpen(board);
  expect(counts.open).toBe(2);
  expect([...counts.byRule]).toEqual([
    ['overspeed', 1],
    ['sos', 1],
  ]);
  expect(counts.byLevel.get(4)).toBe(1);
});

describe('the rows', () => {
  const board = createBoard();
  for (const [id, raisedAtMs] of [
    ['a', 1],
    ['c', 3],
    ['b', 2],
    ['d', 3],
  ] as const) {
    applyAlarm(board, alarm(id, 1, { raisedAtMs }), 0);
  }
  const alarms = newestFirst(board);

  test('those that nobody is called for stand below the others, and are no news', () => {
    const crowded = createBoard();
    for (const one of alarms) applyAlarm(crowded, one, 0);
    applyAlarm(crowded, alarm('e', 1, { raisedAtMs: 9_000, suppressedBy: 'flapping' }), 0);
    const all = newestFirst(crowded);
    expect(all.map((one) => one.alarmId)).toEqual(['c', 'd', 'b', 'a', 'e']);
    expect(arrange(all, ['c', 'd', 'b', 'a'], 9).waiting).toBe(0);
    expect(arrange(all, [], 9).waiting).toBe(4);
  });

  test('stand newest first', () => {
    expect(alarms.map((one) => one.alarmId)).toEqual(['c', 'd', 'b', 'a']);
  });

  test.each([
    ['free', undefined, 3, { ids: ['c', 'd', 'b'], waiting: 0 }],
    ['held, new ones wait', ['b', 'a'], 3, { ids: ['b', 'a'], waiting: 2 }],
    ['held, older ones are not new', ['c', 'd'], 2, { ids: ['c', 'd'], waiting: 0 }],
    ['held with nothing shown', [], 3, { ids: [], waiting: 4 }],
  ])('%s', (_name, held, rowsMax, arranged) => {
    expect(arrange(alarms, held, rowsMax)).toEqual(arranged);
  });
});

test.each([
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000 + 5 * 60_000, '1 h 05 min'],
])('an age of %i ms reads %s', (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text);
});
