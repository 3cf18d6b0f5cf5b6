import { alarmAfter, vehicleClasses, type Alarm, type AlarmStep } from '@haulwatch/domain';
import type { AlarmQuery, History, HistoryBatch } from '@haulwatch/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alarmLogs, fullStep, overlappingRuns, sampleAlarmId, sampleStep } from './alarm-samples.ts';

/** A history to test. */
export type HistoryUnderTest = AsyncDisposable & {
  readonly history: History;
  /** The same data by a connection of its own. */
  readonly other: History;
};

/** Opens a history on an empty database, without tables. */
export type OpenHistoryForTest = () => Promise<HistoryUnderTest>;

/** What every History promises, as tests. Call it inside a `describe`. */
export function historyContract(open: OpenHistoryForTest): void {
  const migrated: OpenHistoryForTest = async () => {
    const subject = await open();
    await subject.history.migrate();
    return subject;
  };
  describe('sets up its tables', patiently, () => migrateContract(open));
  describe('gives back what it was told', patiently, () => roundTripContract(migrated));
  describe('writes each step once', patiently, () => applyContract(migrated));
  describe('knows when it has lost something', patiently, () => rewoundContract(migrated));
  describe('turns pages', patiently, () => pagesContract(migrated));
}

/** On a busy machine a database of WebAssembly takes its time. */
const patiently = { timeout: 120_000 };

function migrateContract(open: OpenHistoryForTest): void {
  test('from several processes at once, and again', async () => {
    await using subject = await open();
    const { history, other } = subject;
    await Promise.all([history.migrate(), other.migrate(), history.migrate()]);
    await history.apply(batchOf([fullStep({ seq: 1 })]));
    await other.migrate();
    expect(await other.position()).toBe(0);
  });

  test('without them it says what to do', async () => {
    await using subject = await open();
    await expect(subject.history.position()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('migrate'),
    });
    await expect(subject.history.apply(batchOf([]))).rejects.toMatchObject({ retriable: false });
  });
}

function roundTripContract(open: OpenHistoryForTest): void {
  const numbers = {
    value: 5e-324,
    limit: -0.1,
    peak: 1.7976931348623157e308,
    distanceM: 1 / 3,
    lonDeg: -179.9999999,
    latDeg: 89.123456789,
  };
  const large = Number.MAX_SAFE_INTEGER;
  test.each<[string, AlarmStep]>([
    ['the least', sampleStep()],
    ['everything', fullStep()],
    ['numbers at their ends', fullStep(numbers)],
    [
      'large numbers',
      sampleStep({
        seq: large,
        policyVersion: large,
        startedAtMs: large,
        cause: { partition: large, offset: large, index: large },
      }),
    ],
    [
      'zeros, which are not nothing',
      fullStep({ value: 0, limit: 0, peak: 0, lonDeg: 0, latDeg: 0, endedAtMs: 0, derived: false, company: '' }),
    ],
    [
      'strings of every kind',
      fullStep({ company: `' " \\ \n \t $1 ; -- 🚛`, plate: '沪A·12345', vehicleId: 'a'.repeat(64) }),
    ],
  ])('%s', async (_what, step) => {
    await using subject = await open();
    await subject.history.apply(batchOf([step]));
    const found = await subject.other.alarm(step.alarmId);
    expect(found).toStrictEqual({ alarm: alarmAfter(step), steps: [step] });
    expect((await subject.other.alarms({ limit: 10 })).alarms).toStrictEqual([alarmAfter(step)]);
  });

  test('strings that no database can hold: the step keeps them, the alarm something like them', async () => {
    await using subject = await open();
    const step = fullStep({ company: 'a\0b', district: 'lone \ud800 surrogate' });
    await subject.history.apply(batchOf([step]));
    const { alarm, steps } = (await subject.history.alarm(step.alarmId))!;
    expect(steps).toStrictEqual([step]);
    expect(alarm).toMatchObject({ company: 'a\ufffdb', district: 'lone \ufffd surrogate' });
  });

  test('an alarm that never was', async () => {
    await using subject = await open();
    expect(await subject.history.alarm(sampleAlarmId(1))).toBeUndefined();
    expect(await subject.history.alarms({ limit: 10 })).toEqual({ alarms: [] });
    expect(await subject.history.position()).toBe(-1);
  });
}

function applyContract(open: OpenHistoryForTest): void {
  test('the position is kept even where a batch brings no step, and never goes back', async () => {
    await using subject = await open();
    await subject.history.apply({ after: -1, upTo: 17, steps: [] });
    expect(await subject.other.position()).toBe(17);
    await subject.history.apply({ after: 4, upTo: 5, steps: [{ position: 5, step: sampleStep() }] });
    expect(await subject.other.position()).toBe(17);
    expect(await subject.other.alarm(sampleStep().alarmId)).toBeUndefined();
  });

  test('the whole of a batch is written, or nothing of it', async () => {
    await using subject = await open();
    const broken = { ...sampleStep({ alarmId: sampleAlarmId(2) }), explanation: undefined } as unknown as AlarmStep;
    await subject.history.apply(batchOf([sampleStep({ alarmId: sampleAlarmId(3) })]));
    const batch = {
      after: 0,
      upTo: 2,
      steps: [
        { position: 1, step: sampleStep() },
        { position: 2, step: broken },
      ],
    };
    await expect(subject.history.apply(batch)).rejects.toMatchObject({ code: 'failed', retriable: false });
    expect(await subject.other.position()).toBe(0);
    expect(await subject.other.alarm(sampleAlarmId(1))).toBeUndefined();
    await subject.history.apply({ ...batch, steps: batch.steps.slice(0, 1) });
    expect(await stateOf(subject.other)).toMatchObject({
      position: 2,
      alarms: [{ alarmId: sampleAlarmId(1) }, { alarmId: sampleAlarmId(3) }],
    });
  });

  test('steps that a replay wrote into the log again, further on, change nothing', async () => {
    await using subject = await open();
    const steps = [fullStep({ seq: 1, kind: 'raised' }), fullStep({ seq: 2, kind: 'escalated', level: 3 }), fullStep()];
    await subject.history.apply(batchOf(steps));
    const before = await stateOf(subject.history);
    await subject.history.apply({
      after: 2,
      upTo: 5,
      steps: steps.map((step, n) => ({ position: 3 + n, step: { ...step, level: 1 } })),
    });
    expect(await stateOf(subject.history)).toEqual({ ...before, position: 5 });
  });

  test.each([1, 2, 4])(
    'nothing opens a cleared alarm again, %i steps a batch: what is told of it later is kept as steps alone',
    async (size) => {
      await using subject = await open();
      const cleared = { kind: 'cleared', endedAtMs: 1_700_000_050_000, clearReason: 'condition-over' } as const;
      const steps = [
        sampleStep({ seq: 1 }),
        sampleStep({ seq: 2, ...cleared }),
        sampleStep({ seq: 3, kind: 'escalated', level: 4 }),
        sampleStep({ seq: 4, ...cleared, level: 4 }),
      ];
      for (let from = 0; from < steps.length; from += size)
        await subject.history.apply(batchOf(steps, from, from + size));
      expect(await subject.other.alarm(sampleStep().alarmId)).toEqual({ alarm: alarmAfter(steps[1]!), steps });
    },
  );

  test('thousands of steps in one batch', async () => {
    await using subject = await open();
    const steps = Array.from({ length: 5_000 }, (_, n) =>
      sampleStep({ alarmId: sampleAlarmId(n % 2_500), seq: 1 + Math.floor(n / 2_500), startedAtMs: n % 2_500 }),
    );
    await subject.history.apply(batchOf(steps));
    const { alarms } = await subject.history.alarms({ limit: 10_000 });
    expect({ count: alarms.length, seqs: new Set(alarms.map((alarm) => alarm.seq)) }).toEqual({
      count: 2_500,
      seqs: new Set([2]),
    });
  });

  test('however a log is cut into batches, overlapping or repeated, the tables end the same', async () => {
    const cases = alarmLogs().chain((steps) => fc.tuple(fc.constant(steps), overlappingRuns(steps.length)));
    await fc.assert(
      fc.asyncProperty(cases, async ([steps, runs]) => {
        await using subject = await open();
        for (const { from, to } of runs) await subject.history.apply(batchOf(steps, from, to));
        expect(await stateOf(subject.history)).toEqual(expectedState(steps));
      }),
      { numRuns: 25 },
    );
  });

  test('an active writer and a zombie that replays behind it leave what one would', async () => {
    await using subject = await open();
    const steps = fc.sample(alarmLogs(120), { numRuns: 1, seed: 7 })[0]!;
    const writer = async (history: History, size: number): Promise<void> => {
      for (let from = 0; from < steps.length; from += size) {
        await history.apply(batchOf(steps, from, Math.min(steps.length, from + size)));
      }
    };
    await Promise.all([writer(subject.history, 3), writer(subject.other, 2), writer(subject.other, 5)]);
    expect(await stateOf(subject.history)).toEqual(expectedState(steps));
  });
}

function rewoundContract(open: OpenHistoryForTest): void {
  const steps = Array.from({ length: 6 }, (_, n) => sampleStep({ alarmId: sampleAlarmId(n % 2), seq: 1 + n }));

  test.each<[what: string, batch: HistoryBatch]>([
    ['with steps', batchOf(steps, 4)],
    ['without', { after: 3, upTo: 9, steps: [] }],
    ['with steps that it would need first', { after: 3, upTo: 5, steps: batchOf(steps, 2).steps }],
    ['that ends where the database stands', { after: 3, upTo: 1, steps: [] }],
  ])('a writer that is ahead is refused, and nothing is written: a batch %s', async (_what, batch) => {
    await using subject = await open();
    await subject.history.apply(batchOf(steps, 0, 2));
    const before = await stateOf(subject.history);
    await expect(subject.history.apply(batch)).rejects.toMatchObject({
      name: 'HistoryError',
      code: 'rewound',
      retriable: false,
      message: expect.stringMatching(/at position 1 .* before 3,.*start anew/),
    });
    expect(await stateOf(subject.other)).toEqual(before);
  });

  test('a database that is empty again takes nothing but the beginning, and is then what it was', async () => {
    await using subject = await open();
    await expect(subject.history.apply(batchOf(steps, 1))).rejects.toMatchObject({ code: 'rewound' });
    expect(await subject.history.position()).toBe(-1);
    await subject.history.apply(batchOf(steps));
    expect(await stateOf(subject.history)).toEqual(expectedState(steps));
  });

  test('one that is cleared is empty, tells whoever goes on writing, and can be filled again', async () => {
    await using subject = await open();
    await subject.history.apply(batchOf(steps));
    await subject.other.clear();
    expect(await subject.history.position()).toBe(-1);
    expect(await subject.history.alarms({ limit: 10 })).toEqual({ alarms: [] });
    expect(await subject.history.alarm(sampleAlarmId(0))).toBeUndefined();
    await expect(subject.history.apply({ after: 5, upTo: 6, steps: [] })).rejects.toMatchObject({ code: 'rewound' });
    await subject.history.apply(batchOf(steps));
    expect(await stateOf(subject.other)).toEqual(expectedState(steps));
  });

  test('a writer whose answer was lost sends the same again, and is not refused', async () => {
    await using subject = await open();
    await subject.history.apply(batchOf(steps, 0, 2));
    for (let tries = 0; tries < 2; tries++) await subject.history.apply(batchOf(steps, 2));
    expect(await stateOf(subject.history)).toEqual(expectedState(steps));
  });
}

function pagesContract(open: OpenHistoryForTest): void {
  const steps = Array.from({ length: 60 }, (_, n) =>
    sampleStep({
      alarmId: sampleAlarmId((n * 7) % 60),
      // Several start together, so that pages end between rows of the same start.
      startedAtMs: 1_700_000_000_000 + Math.floor(n / 4),
      kind: n % 3 === 0 ? 'cleared' : 'raised',
      rule: n % 2 === 0 ? 'overspeed' : 'sos',
      vehicleId: `truck-${n % 5}`,
      class: vehicleClasses[n % vehicleClasses.length]!,
      level: ([1, 2, 3, 4] as const)[n % 4]!,
      late: n % 7 === 0,
      ...(n % 5 === 0 ? {} : { company: `company ${n % 4}`, district: `district ${n % 6}` }),
    }),
  );
  const expected = steps
    .map(alarmAfter)
    .sort((a, b) => b.startedAtMs - a.startedAtMs || (a.alarmId < b.alarmId ? -1 : 1));

  const filters: [string, Partial<AlarmQuery>, (alarm: Alarm) => boolean][] = [
    ['all', {}, () => true],
    ['status', { status: 'open' }, (alarm) => alarm.status === 'open'],
    ['rule', { rule: 'sos' }, (alarm) => alarm.rule === 'sos'],
    ['vehicle', { vehicleId: 'truck-3' }, (alarm) => alarm.vehicleId === 'truck-3'],
    ['company', { company: 'company 2' }, (alarm) => alarm.company === 'company 2'],
    ['district', { district: 'district 1' }, (alarm) => alarm.district === 'district 1'],
    ['class', { class: 'hazmat' }, (alarm) => alarm.class === 'hazmat'],
    ['level', { levelMin: 3 }, (alarm) => alarm.level >= 3],
    ['late', { late: true }, (alarm) => alarm.late],
    ['not late', { late: false }, (alarm) => !alarm.late],
    ['from, the first included', { fromMs: 1_700_000_000_005 }, (alarm) => alarm.startedAtMs >= 1_700_000_000_005],
    ['to, the last excluded', { toMs: 1_700_000_000_005 }, (alarm) => alarm.startedAtMs < 1_700_000_000_005],
    [
      'several',
      { status: 'open', rule: 'overspeed', levelMin: 2, late: false },
      (alarm) => alarm.status === 'open' && alarm.rule === 'overspeed' && alarm.level >= 2 && !alarm.late,
    ],
    ['nothing fits', { company: `'; drop table alarms; --` }, () => false],
  ];

  test('by any filter and at any size: complete, in order, none twice', async () => {
    await using subject = await open();
    await subject.history.apply(batchOf(steps));
    for (const [name, filter, fits] of filters) {
      const wanted = expected.filter(fits);
      for (const limit of [1, 4, 7, wanted.length, 1_000]) {
        if (limit === 0) continue;
        const pages = await allPages(subject.other, { ...filter, limit });
        expect({ name, limit, alarms: pages.flat() }).toEqual({ name, limit, alarms: wanted });
        expect({ name, limit, pages: pages.length }).toEqual({
          name,
          limit,
          pages: Math.max(1, Math.ceil(wanted.length / limit)),
        });
      }
    }
  });

  test('alarms that come meanwhile neither shift nor double a page', async () => {
    await using subject = await open();
    await subject.history.apply(batchOf(steps));
    const first = await subject.history.alarms({ limit: 10 });
    const newer = steps.map((step, n) => ({
      position: 60 + n,
      step: { ...step, alarmId: sampleAlarmId(1_000 + n), startedAtMs: 1_800_000_000_000 },
    }));
    await subject.history.apply({ after: 59, upTo: 119, steps: newer });
    const rest = await allPages(subject.history, { limit: 10, after: first.next! });
    expect([...first.alarms, ...rest.flat()]).toEqual(expected);
  });
}

async function allPages(history: History, query: AlarmQuery): Promise<Alarm[][]> {
  const pages: Alarm[][] = [];
  for (let after = query.after; ;) {
    const { alarms, next } = await history.alarms({ ...query, ...(after === undefined ? {} : { after }) });
    pages.push([...alarms]);
    if (next === undefined) return pages;
    after = next;
  }
}

/** Positions [from, to) of a log. */
function batchOf(steps: readonly AlarmStep[], from = 0, to = steps.length): HistoryBatch {
  return { after: from - 1, upTo: to - 1, steps: steps.map((step, position) => ({ position, step })).slice(from, to) };
}

type HistoryState = { position: number; alarms: Alarm[]; steps: AlarmStep[][] };

async function stateOf(history: History): Promise<HistoryState> {
  const { alarms } = await history.alarms({ limit: 100_000 });
  const sorted = alarms.toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
  const steps = await Promise.all(sorted.map(async (alarm) => [...(await history.alarm(alarm.alarmId))!.steps]));
  return { position: await history.position(), alarms: sorted, steps };
}

/** The oracle: what the tables must tell after a log, worked out the plain way. */
function expectedState(steps: readonly AlarmStep[]): HistoryState {
  const alarmIds = [...new Set(steps.map((step) => step.alarmId))].sort();
  const stepsOf = alarmIds.map((alarmId) => steps.filter((step) => step.alarmId === alarmId));
  return { position: steps.length - 1, alarms: stepsOf.map((all) => alarmAfter(all.at(-1)!)), steps: stepsOf };
}
