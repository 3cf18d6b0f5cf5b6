import { alarmAfter, countersZero, type AlarmStep } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { foldLog, type Sinks } from './chaos-calm.ts';
import { differingBooks, historyOf, judge, type Evidence } from './chaos-verdict.ts';

function stepOf(alarm: number, seq: number, over: Partial<AlarmStep> = {}): AlarmStep {
  return {
    v: 1,
    kind: seq === 1 ? 'raised' : 'escalated',
    alarmId: String(alarm).padStart(32, '0'),
    seq,
    rule: 'overspeed',
    vehicleId: `SIM-${alarm}`,
    class: 'heavy',
    level: 2,
    tier: 'T1',
    late: false,
    atMs: 1_000 * seq,
    startedAtMs: 0,
    raisedAtMs: 1_000,
    distanceM: 5,
    explanation: 'too fast',
    policyVersion: 1,
    cause: { partition: 0, offset: 10 + seq, index: 0 },
    producedAtMs: 2_000 * seq,
    ...over,
  };
}

const steps = [stepOf(1, 1), stepOf(2, 1), stepOf(1, 2)];

/** A run in which all is well: a crash played the second alarm again. */
function goodRun(): Evidence {
  const logged = [...steps, stepOf(2, 1), stepOf(1, 2)].map((step, offset) => ({ offset, step }));
  const folded = foldLog(logged);
  const alarms = [alarmAfter(steps[2]!), alarmAfter(steps[1]!)];
  const sinks = { redis: { alarms, events: folded.events }, postgres: { alarms, steps } };
  return { calm: steps, logged, folded, sinks, newsSinceMs: 0 };
}

function kindsOf(evidence: Evidence): string[] {
  return judge(evidence).findings.map(({ kind, what }) => `${kind} ${what.split(':')[0]}`);
}

test('repeats in the log are no finding, and are counted', () => {
  expect(judge(goodRun())).toEqual({ alarms: 2, steps: 3, repeats: 2, retold: 0, crowds: 0, findings: [] });
});

test('the order of fields says nothing', () => {
  const run = goodRun();
  const turned = steps.map((step) => Object.fromEntries(Object.entries(step).toReversed()) as AlarmStep);
  expect(judge({ ...run, calm: turned }).findings).toEqual([]);
});

describe('the log against the calm run', () => {
  test('a step that never came is lost', () => {
    expect(kindsOf({ ...goodRun(), calm: [...steps, stepOf(3, 1)] })).toEqual(['lost log']);
  });
  test('a step that the calm run does not know is doubled', () => {
    expect(kindsOf({ ...goodRun(), calm: steps.slice(0, 2) })).toEqual(['doubled log']);
  });
  test.each([{ peak: 9 }, { cause: { partition: 0, offset: 99, index: 0 } }, { producedAtMs: 1 }] as const)(
    'a field that differs: %j',
    (over) => {
      expect(kindsOf({ ...goodRun(), calm: [steps[0]!, steps[1]!, stepOf(1, 2, over)] })).toEqual(['differing log']);
    },
  );
  test('a repeat that tells something else', () => {
    const run = goodRun();
    const logged = [...run.logged, { offset: 5, step: stepOf(1, 1, { level: 4 }) }];
    expect(kindsOf({ ...run, logged })).toEqual(['differing log']);
  });
  test('what the calm run itself tells again may stand in the log again, and nothing else', () => {
    const run = goodRun();
    const again = stepOf(1, 1, { cause: { partition: 0, offset: 99, index: 0 } });
    const logged = [...run.logged, { offset: 5, step: again }];
    expect(judge({ ...run, logged, calm: [...steps, again] })).toMatchObject({ repeats: 3, retold: 1, findings: [] });
    expect(kindsOf({ ...run, logged })).toEqual(['differing log']);
  });
  test('crowds are not asked of the calm run', () => {
    const run = goodRun();
    const crowd = stepOf(7, 1, { rule: 'zone-crowding' });
    const logged = [...run.logged, { offset: 5, step: crowd }];
    const folded = foldLog(logged);
    const alarms = [...run.sinks.postgres.alarms, alarmAfter(crowd)];
    const sinks = { redis: { alarms, events: folded.events }, postgres: { alarms, steps: [...steps, crowd] } };
    expect(judge({ ...run, logged, folded, sinks })).toMatchObject({ alarms: 3, crowds: 1, findings: [] });
  });
});

describe('the sinks against the fold of the log', () => {
  const { postgres, folded } = { ...goodRun().sinks, folded: goodRun().folded };
  const { alarms } = postgres;
  const { events } = folded;
  const [first, second] = alarms;
  const [event, ...later] = events;
  const redis = { alarms, events };
  const wentBack = alarmAfter(steps[0]!);
  test.each<[string, Partial<Sinks>, string[]]>([
    ['an alarm that Redis lacks', { redis: { ...redis, alarms: [first!] } }, ['lost Redis']],
    [
      'an alarm that Redis alone has',
      { redis: { ...redis, alarms: [...alarms, alarmAfter(stepOf(4, 1))] } },
      ['doubled Redis'],
    ],
    ['an alarm that went back', { redis: { ...redis, alarms: [wentBack, second!] } }, ['differing Redis']],
    ['an event that nobody was sent', { redis: { ...redis, events: later } }, ['lost Redis']],
    [
      'an event sent again under another id',
      { redis: { ...redis, events: [...events, { ...event!, id: '99-0' }] } },
      ['doubled Redis'],
    ],
    ['an alarm that PostgreSQL lacks', { postgres: { ...postgres, alarms: [second!] } }, ['lost PostgreSQL']],
    ['an alarm twice', { postgres: { ...postgres, alarms: [...alarms, first!] } }, ['doubled PostgreSQL']],
    ['a step that PostgreSQL lacks', { postgres: { alarms, steps: steps.slice(1) } }, ['lost PostgreSQL']],
    ['a step twice', { postgres: { alarms, steps: [...steps, steps[0]!] } }, ['doubled PostgreSQL']],
  ])('%s', (_, over, kinds) => {
    const run = goodRun();
    expect(kindsOf({ ...run, sinks: { ...run.sinks, ...over } })).toEqual(kinds);
  });
});

describe('what people are told when the live store has lost what it had', () => {
  /** Alarm 1 is open, alarm 2 is over; all of it lies before the loss. */
  const [opens, other, escalates] = steps;
  const over = stepOf(2, 2, { kind: 'cleared', endedAtMs: 1 });
  function eventsFound(told: readonly AlarmStep[], newsSinceMs: number): string[] {
    const logged = [opens!, other!, escalates!, over].map((step, offset) => ({ offset, step }));
    const folded = foldLog(logged);
    const events = told.map((step, at) => ({
      id: `${at + 1}-1`,
      type: step.kind,
      data: JSON.stringify(alarmAfter(step)),
    }));
    const alarms = [alarmAfter(escalates!), alarmAfter(over)];
    const postgres = { alarms, steps: logged.map(({ step }) => step) };
    const evidence = {
      calm: postgres.steps,
      logged,
      folded,
      sinks: { redis: { alarms, events }, postgres },
      newsSinceMs,
    };
    return judge(evidence).findings.map(({ kind, what }) => `${kind} ${what.slice(0, 12)}`);
  }
  test('what is open, as it is now', () => expect(eventsFound([escalates!], 9_000)).toEqual([]));
  test('who is told nothing of what is open', () => expect(eventsFound([], 9_000)).toEqual(['lost Redis: event']));
  test('who is told of an alarm and not of its end', () =>
    expect(eventsFound([escalates!, other!], 9_000)).toEqual(['lost Redis: event']));
  test('what is news must be told, whatever became of it', () =>
    expect(eventsFound([escalates!], 4_000)).toEqual(['lost Redis: event']));
  test('what nobody logged', () =>
    expect(eventsFound([escalates!, stepOf(8, 1)], 9_000)).toEqual(['doubled Redis: event']));
});

test('the history of an alarm has every place where it is told', () => {
  const text = historyOf(steps[0]!.alarmId, goodRun());
  expect(text.match(/calm run/g)).toHaveLength(2);
  expect(text.match(/log @/g)).toHaveLength(3);
  expect(text).toContain('PostgreSQL   open at seq 2');
  expect(text).toContain('Redis        open at seq 2');
  expect(text).toContain('telemetry[0]@12.0');
});

test('books that differ are named, re-routed rows aside', () => {
  const calm = { ...countersZero(), fixes: 5, rejects: { 'json-broken': 2 } };
  expect(differingBooks(calm, { ...calm, rerouted: 3 })).toEqual([]);
  expect(differingBooks(calm, { ...calm, fixes: 6, rejects: {} })).toEqual([
    'fixes: 5 in a calm run, 6 in the commits',
    'rejects: {"json-broken":2} in a calm run, {} in the commits',
  ]);
});
