import { alarmAfter, type Alarm, type AlarmStep } from '@haulwatch/domain';
import { LiveStoreError, type EventPage, type LiveStore, type LiveWrite } from '@haulwatch/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alarmLogs, fullStep, overlappingRuns, sampleAlarm, sampleAlarmId } from './alarm-samples.ts';
import { liveEventsContract } from './live-events-contract.ts';
import { event, put, type OpenLiveStore } from './live-store-under-test.ts';

/** What every LiveStore promises, as tests. Call it inside a `describe`. */
export function liveStoreContract(open: OpenLiveStore): void {
  describe('applies writes', () => applyContract(open));
  describe('answers for open alarms', () => openAlarmsContract(open));
  describe('knows when it has lost something', () => rewoundContract(open));
  describe('tells events', () => liveEventsContract(open));
  describe('keeps the newest fix of a vehicle', () => lastFixContract(open));
}

function applyContract(open: OpenLiveStore): void {
  test('nothing is there in the beginning', async () => {
    await using subject = await open();
    expect(await stateOf(subject.store)).toEqual({ position: -1, alarms: [], open: [], counts: {}, events: [] });
  });

  test('the position is kept even where a batch brings no write', async () => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 17, writes: [] });
    expect(await subject.other.position()).toBe(17);
  });

  test.each([
    ['least', sampleAlarm()],
    ['all', alarmAfter(fullStep())],
  ])('an alarm that tells the %s comes back as it was', async (_what, alarm) => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 0, writes: [put(0, alarm)] });
    expect(await subject.other.alarms()).toStrictEqual([alarm]);
  });

  test('the same batch twice changes nothing', async () => {
    await using subject = await open();
    const batch = { after: -1, upTo: 9, writes: logWrites([fullStep({ kind: 'raised' }), fullStep()]) };
    await subject.store.apply(batch);
    const once = await stateOf(subject.store);
    await subject.other.apply(batch);
    expect(await stateOf(subject.store)).toEqual(once);
  });

  test('a write at or below the stored position is skipped, whatever it says', async () => {
    await using subject = await open();
    const { store } = subject;
    await store.apply({ after: -1, upTo: 5, writes: [put(5, sampleAlarm({ level: 2 }))] });
    const other = sampleAlarm({ level: 4, alarmId: sampleAlarmId(2) });
    await store.apply({ after: -1, upTo: 6, writes: [put(4, other), put(5, other), event(6)] });
    expect(await stateOf(store)).toMatchObject({
      position: 6,
      alarms: [sampleAlarm({ level: 2 })],
      events: [{ id: '7-0' }],
    });
  });

  test.each<[string, LiveWrite[]]>([
    ['positions go back', [put(3, sampleAlarm()), event(2)]],
    ['a position is behind the end of the batch', [put(5, sampleAlarm())]],
    ['events of a position go back', [event(3, 1), put(3, sampleAlarm()), event(3, 0)]],
    ['an event comes twice', [event(3, 1), event(3, 1)]],
  ])('a batch is refused as a whole where %s', async (_what, writes) => {
    await using subject = await open();
    await expect(subject.store.apply({ after: -1, upTo: 4, writes })).rejects.toMatchObject(failed);
    expect(await stateOf(subject.store)).toMatchObject({ position: -1, alarms: [], events: [] });
  });

  test('a large batch is one batch, also where a single position brings very many writes', async () => {
    await using subject = await open();
    const writes: LiveWrite[] = [];
    for (let n = 0; n < 2_400; n += 1) {
      const position = n < 700 ? n : n < 2_000 ? 700 : n;
      writes.push(put(position, sampleAlarm({ alarmId: sampleAlarmId(n), startedAtMs: n })), event(position, n));
    }
    await subject.store.apply({ after: -1, upTo: 9_999, writes });
    const { position, alarms, events } = await stateOf(subject.store);
    expect({ position, alarms: alarms.length, events: events.length }).toEqual({
      position: 9_999,
      alarms: 2_400,
      events: 2_400,
    });
  });

  test('however a log is cut into batches, overlapping or repeated, the store ends the same', async () => {
    const cases = alarmLogs().chain((steps) => fc.tuple(fc.constant(steps), overlappingRuns(steps.length)));
    await fc.assert(
      fc.asyncProperty(cases, async ([steps, runs]) => {
        await using subject = await open();
        for (const { from, to } of runs) {
          const after = await subject.store.position();
          await subject.store.apply({
            after,
            upTo: to - 1,
            writes: logWrites(steps).filter((w) => w.position >= from && w.position < to),
          });
        }
        expect(await stateOf(subject.store)).toEqual(expectedState(steps));
      }),
      { numRuns: 50 },
    );
  });

  test('an active writer and a zombie that replays behind it leave what one would', async () => {
    await using subject = await open();
    const steps = fc.sample(alarmLogs(200), { numRuns: 1, seed: 7 })[0]!;
    const writer = async (store: LiveStore, size: number): Promise<void> => {
      for (let from = 0; from < steps.length; from += size) {
        const to = Math.min(steps.length, from + size);
        await store.apply({
          after: from - 1,
          upTo: to - 1,
          writes: logWrites(steps).filter((w) => w.position >= from && w.position < to),
        });
      }
    };
    await Promise.all([writer(subject.store, 3), writer(subject.other, 2)]);
    expect(await stateOf(subject.store)).toEqual(expectedState(steps));
  });
}

function openAlarmsContract(open: OpenLiveStore): void {
  test('raised is open, cleared is kept, dropped is gone', async () => {
    await using subject = await open();
    const { store } = subject;
    const seen = async (): Promise<unknown[]> => [
      (await store.alarms()).map((alarm) => alarm.status),
      (await store.openAlarms(10)).length,
      (await store.openAlarmsOf('truck-1')).length,
      await store.openCounts(),
    ];
    await store.apply({ after: -1, upTo: 0, writes: [put(0, sampleAlarm())] });
    expect(await seen()).toEqual([['open'], 1, 1, { overspeed: 1 }]);
    await store.apply({ after: 0, upTo: 1, writes: [put(1, sampleAlarm({ seq: 2, kind: 'escalated' }))] });
    expect(await seen()).toEqual([['open'], 1, 1, { overspeed: 1 }]);
    await store.apply({ after: 1, upTo: 2, writes: [put(2, sampleAlarm({ seq: 3, kind: 'cleared' }))] });
    expect(await seen()).toEqual([['cleared'], 0, 0, {}]);
    await store.apply({ after: 2, upTo: 3, writes: [{ op: 'drop-alarm', position: 3, alarmId: sampleAlarmId(1) }] });
    expect(await seen()).toEqual([[], 0, 0, {}]);
  });

  test('newest first, no more than asked for, each vehicle its own', async () => {
    await using subject = await open();
    const vehicles = ['v', 'v1', 'v\n', 'v\n1', '车'];
    const alarms = Array.from({ length: 50 }, (_, n) =>
      sampleAlarm({
        alarmId: sampleAlarmId(n),
        vehicleId: vehicles[n % 5]!,
        startedAtMs: 1_700_000_000_000 + ((n * 37) % 50),
        rule: n % 2 === 0 ? 'sos' : 'overspeed',
      }),
    );
    await subject.store.apply({ after: -1, upTo: 49, writes: alarms.map((alarm, n) => put(n, alarm)) });
    const newestFirst = alarms.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
    expect(await subject.other.openAlarms(7)).toEqual(newestFirst.slice(0, 7));
    expect(await subject.other.openAlarms(1_000)).toEqual(newestFirst);
    for (const vehicleId of vehicles) {
      expect(await subject.other.openAlarmsOf(vehicleId)).toEqual(
        newestFirst.filter((alarm) => alarm.vehicleId === vehicleId),
      );
    }
    expect(await subject.other.openAlarmsOf('nobody')).toEqual([]);
    expect(await subject.other.openCounts()).toEqual({ sos: 25, overspeed: 25 });
  });
}

function rewoundContract(open: OpenLiveStore): void {
  test('a writer that is ahead of the store is refused, and nothing is written', async () => {
    await using subject = await open();
    await subject.store.apply({ after: -1, upTo: 3, writes: [] });
    const ahead = subject.store.apply({ after: 4, upTo: 5, writes: [put(5, sampleAlarm())] });
    await expect(ahead).rejects.toBeInstanceOf(LiveStoreError);
    await expect(ahead).rejects.toMatchObject({ code: 'rewound', retriable: false });
    expect(await stateOf(subject.store)).toMatchObject({ position: 3, alarms: [] });
  });

  test('a store that lost everything says so, and is the same again when rebuilt from its own position on', async () => {
    await using subject = await open();
    const steps = [fullStep({ kind: 'raised', seq: 1 }), fullStep({ seq: 2 })];
    const batch = { after: -1, upTo: 1, writes: logWrites(steps) };
    await subject.store.apply(batch);
    const before = await stateOf(subject.store);
    const store = await subject.lose();
    await expect(store.apply({ after: 1, upTo: 2, writes: [] })).rejects.toMatchObject({ code: 'rewound' });
    expect(await store.position()).toBe(-1);
    await store.apply(batch);
    expect(await stateOf(store)).toEqual(before);
  });

  test('one that is cleared is as if new, tells whoever goes on writing, and keeps the newest fixes', async () => {
    await using subject = await open();
    const { store, other } = subject;
    const fix = { vehicleId: 'truck-1', fixedAtMs: 1, receivedAtMs: 2, lonDeg: 121, latDeg: 31 };
    await store.putLastFixes([fix]);
    const batch = {
      after: -1,
      upTo: 1,
      writes: logWrites([fullStep({ kind: 'raised', seq: 1 }), fullStep({ seq: 2 })]),
    };
    await store.apply(batch);
    const before = await stateOf(store);
    await other.clear();
    expect(await stateOf(store)).toEqual({ position: -1, alarms: [], open: [], counts: {}, events: [] });
    expect(await other.openAlarmsOf('truck-1')).toEqual([]);
    expect(await store.lastFix('truck-1')).toEqual(fix);
    await expect(store.apply({ after: 1, upTo: 2, writes: [] })).rejects.toMatchObject({ code: 'rewound' });
    await store.apply(batch);
    expect(await stateOf(store)).toEqual(before);
  });
}

function lastFixContract(open: OpenLiveStore): void {
  const at = (fixedAtMs: number, lonDeg: number) => ({
    vehicleId: 'truck-1',
    fixedAtMs,
    receivedAtMs: fixedAtMs + 120,
    lonDeg,
    latDeg: 31.2,
  });

  test.each([
    ['a newer one', [[at(2, 121)], [at(3, 122)]], 122],
    ['not an older one', [[at(2, 121)], [at(1, 122)]], 121],
    ['the newest of a batch', [[at(2, 121), at(9, 123), at(3, 122)]], 123],
    ['not a batch of older ones', [[at(9, 123)], [at(2, 121), at(3, 122)]], 123],
    ['by number, not by letter', [[at(9, 121)], [at(10, 122)]], 122],
  ])('%s', async (_what, batches, lonDeg) => {
    await using subject = await open();
    for (const batch of batches) await subject.store.putLastFixes(batch);
    expect(await subject.other.lastFix('truck-1')).toMatchObject({ lonDeg });
    expect(await subject.other.lastFix('truck-2')).toBeUndefined();
  });

  test('what was not told stays untold, and thousands go at once', async () => {
    await using subject = await open();
    const bare = at(1_700_000_000_000, -0.1278);
    const full = { ...bare, speedKph: 88.5, headingDeg: 0 };
    const fixes = Array.from({ length: 3_000 }, (_, n) => ({
      ...(n % 2 === 0 ? bare : full),
      vehicleId: `truck-${n}`,
    }));
    await subject.store.putLastFixes(fixes);
    await subject.store.putLastFixes([]);
    for (const n of [0, 1, 499, 500, 501, 2_999]) {
      expect(await subject.other.lastFix(`truck-${n}`)).toStrictEqual(fixes[n]);
    }
  });
}

const failed = { code: 'failed', retriable: false };

/** The writes of a log as a fold might decide them: an alarm cleared at `seq` 4 or later is dropped at once. */
function logWrites(steps: readonly AlarmStep[]): LiveWrite[] {
  return steps.flatMap((step, position) => {
    const writes: LiveWrite[] = [put(position, alarmAfter(step)), event(position)];
    if (isDropped(step)) writes.push({ op: 'drop-alarm', position, alarmId: step.alarmId });
    return writes;
  });
}

function isDropped(step: AlarmStep): boolean {
  return step.kind === 'cleared' && step.seq >= 4;
}

type StoreState = {
  position: number;
  alarms: Alarm[];
  open: Alarm[];
  counts: Readonly<Record<string, number>>;
  events: EventPage['events'];
};

/** All that a store tells, in an order that does not depend on the store. */
async function stateOf(store: LiveStore): Promise<StoreState> {
  return {
    position: await store.position(),
    alarms: byId(await store.alarms()),
    open: byId(await store.openAlarms(100_000)),
    counts: await store.openCounts(),
    events: (await store.events('0-0', 100_000, 0)).events,
  };
}

/** The oracle: what a store must tell after a log, worked out the plain way. */
function expectedState(steps: readonly AlarmStep[]): StoreState {
  const last = new Map(steps.map((step) => [step.alarmId, step]));
  const alarms = [...last.values()].filter((step) => !isDropped(step)).map(alarmAfter);
  const open = alarms.filter((alarm) => alarm.status === 'open');
  const counts: Record<string, number> = {};
  for (const { rule } of open) counts[rule] = (counts[rule] ?? 0) + 1;
  const events = steps.map((_, n) => ({ id: `${n + 1}-0`, type: 'raised', data: `data of ${n}-0` }));
  return { position: steps.length - 1, alarms: byId(alarms), open: byId(open), counts, events };
}

function byId(alarms: readonly Alarm[]): Alarm[] {
  return alarms.toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
}
