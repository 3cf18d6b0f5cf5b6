import { alarmAfter, type Alarm } from '@haulwatch/domain';
import { openMemoryStore } from '@haulwatch/embedded';
import type { LiveStore } from '@haulwatch/ports';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, test } from 'vitest';
import { pushedOpenAlarms } from './open-alarm-routes.ts';

async function storeWith(alarms: readonly Alarm[]): Promise<LiveStore> {
  const store = openMemoryStore();
  const writes = alarms.map((alarm, position) => ({ op: 'put-alarm', position, alarm }) as const);
  await store.apply({ after: -1, upTo: alarms.length, writes });
  return store;
}

/** So many alarms, the first the oldest. */
function openAlarms(count: number, late: (n: number) => boolean, rule: Alarm['rule'] = 'overspeed'): Alarm[] {
  return Array.from({ length: count }, (_, n) =>
    alarmAfter(sampleStep({ alarmId: sampleAlarmId(n), late: late(n), rule, startedAtMs: 1_700_000_000_000 + n })),
  );
}

test.each([
  { what: 'none', alarms: [], listed: 0, complete: true },
  { what: 'as many as the limit', alarms: openAlarms(10, () => false), listed: 10, complete: true },
  { what: 'one more', alarms: openAlarms(11, () => false), listed: 10, complete: false },
  { what: 'few behind many late ones', alarms: openAlarms(3_000, (n) => n >= 5), listed: 5, complete: true },
  { what: 'many behind many late ones', alarms: openAlarms(3_000, (n) => n >= 50), listed: 10, complete: false },
  { what: 'late ones alone', alarms: openAlarms(300, () => true), listed: 0, complete: true },
  { what: 'late emergency buttons', alarms: openAlarms(9, () => true, 'sos'), listed: 9, complete: true },
  { what: 'more late ones than are read', alarms: openAlarms(12_000, (n) => n > 0), listed: 0, complete: false },
])('$what: $listed, complete: $complete', async ({ alarms, listed, complete }) => {
  const answer = await pushedOpenAlarms(await storeWith(alarms), 10);
  expect([answer.alarms.length, answer.complete]).toEqual([listed, complete]);
});

test('a list that became short while it was read is not taken for all', async () => {
  const store = await storeWith(openAlarms(500, () => false));
  const live = {
    openCounts: () => store.openCounts(),
    // As Redis answers when almost all of the listed ones are cleared between the index and the alarms.
    openAlarms: async (limit: number) =>
      limit < 500 ? (await store.openAlarms(limit)).slice(0, 3) : store.openAlarms(limit),
  };
  expect(await pushedOpenAlarms(live, 10)).toMatchObject({ alarms: { length: 10 }, complete: false });
});
