import type { GroupHandler, GroupMember, Log } from '@haulwatch/ports';
import { describe, expect, test, vi } from 'vitest';
import {
  assigned,
  logForTest,
  numbered,
  recorder,
  text,
  texts,
  topicForTest,
  until,
  waitOptions,
  type OpenLog,
} from './log-under-test.ts';

/** What every Log promises to the members of a group, as tests. */
export function logGroupContract(open: OpenLog): void {
  describe('a member of a group', () => memberContract(open));
  describe('commits', () => commitContract(open));
  describe('a member that leaves', () => leaveContract(open));
  describe('a member that dies', () => deathContract(open));
  describe('two members', () => twoMembersContract(open));
}

type GroupForTest = {
  readonly log: Log;
  readonly topic: string;
  readonly group: string;
  readonly join: (handler: GroupHandler, batchRecordsMax?: number) => Promise<GroupMember>;
};

async function groupForTest(open: OpenLog, partitions = 1): Promise<GroupForTest> {
  const subject = await logForTest(open);
  const topic = await topicForTest(subject, { partitions });
  const group = subject.topic('group');
  const join: GroupForTest['join'] = (handler, batchRecordsMax = 2_000) =>
    subject.log.join({ group, topic, handler, batchRecordsMax });
  return { log: subject.log, topic, group, join };
}

function memberContract(open: OpenLog): void {
  test('is given each partition and its records in order, those of before and those to come', async () => {
    const { log, topic, join } = await groupForTest(open, 3);
    await log.append(topic, [...texts(0, 'a', 'b'), ...texts(2, 'c')]);
    const handler = recorder();
    const member = await join(handler);
    await until(member, () => expect([0, 1, 2].map(handler.values)).toEqual([['a', 'b'], [], ['c']]));
    expect(member.assignment()).toEqual([0, 1, 2]);
    await log.append(topic, [...texts(1, 'd'), ...texts(0, 'e')]);
    await until(member, () => expect([0, 1, 2].map(handler.values)).toEqual([['a', 'b', 'e'], ['d'], ['c']]));
    expect(handler.happenings.filter((it) => it.kind === 'assigned').map((it) => it.committed)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([0, 1, 3, 5])('begins at offset %i where the handler says so', async (start) => {
    const { log, topic, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 5));
    const handler = recorder({ startAt: () => start });
    const member = await join(handler);
    await assigned(member, [0]);
    await log.append(topic, texts(0, 'last'));
    await until(member, () => expect(handler.values(0)).toEqual([...['0', '1', '2', '3', '4'].slice(start), 'last']));
  });

  test('hands out at most so many records at once, and tells where the partition ends', async () => {
    const { log, topic, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 250));
    const handler = recorder();
    const member = await join(handler, 100);
    await until(member, () => expect(handler.values(0)).toHaveLength(250));
    const batches = handler.happenings.filter((it) => it.kind === 'batch');
    expect(batches.map((it) => it.offsets.length)).toEqual([100, 100, 50]);
    expect(batches.map((it) => it.endOffset)).toEqual([250, 250, 250]);
  });

  test('waits with the next batch until the handler is done', async () => {
    const { log, topic, join } = await groupForTest(open);
    await log.append(topic, texts(0, 'first'));
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const handler = recorder({
      during: async ({ records }) => {
        for (const it of records) begun.push(text(it.value)!);
        await gate.promise;
      },
    });
    const member = await join(handler);
    await until(member, () => expect(begun).toEqual(['first']));
    await log.append(topic, numbered(0, 3));
    // When another reader has seen the new records they had every chance to come here, too.
    const other: number[] = [];
    const follower = await log.follow(topic, (it) => other.push(it.offset));
    expect(other).toEqual([0, 1, 2, 3]);
    expect(begun).toEqual(['first']);
    gate.resolve();
    await until(member, () => expect(handler.values(0)).toEqual(['first', '0', '1', '2']));
    await follower.close();
  });

  test('reads nothing from a partition that is still being restored', async () => {
    const { log, topic, join } = await groupForTest(open, 2);
    await log.append(topic, [...texts(0, 'a'), ...texts(1, 'b')]);
    const gate = Promise.withResolvers<void>();
    const steps: string[] = [];
    const member = await join({
      onAssigned: async (partition) => {
        await gate.promise;
        steps.push(`assigned ${partition}`);
        return 'beginning';
      },
      onBatch: async ({ partition }) => void steps.push(`batch ${partition}`),
      onRevoked: () => undefined,
    });
    await log.append(topic, texts(1, 'c'));
    expect(steps).toEqual([]);
    gate.resolve();
    await until(member, () => expect(steps).toEqual(expect.arrayContaining(['batch 0', 'batch 1'])));
    for (const partition of [0, 1])
      expect(steps.indexOf(`assigned ${partition}`)).toBeLessThan(steps.indexOf(`batch ${partition}`));
  });
}

function commitContract(open: OpenLog): void {
  test.each([['nothing'], ['s1;a=17;n=3;crc=9f']])(
    'come back with their metadata to the next member (%j)',
    async (said) => {
      const metadata = said === 'nothing' ? '' : said;
      const { log, topic, group, join } = await groupForTest(open, 2);
      await log.append(topic, [...numbered(0, 9), ...numbered(1, 9)]);
      expect(await log.committed(group, topic)).toEqual([]);
      const first = await join(recorder());
      await assigned(first, [0, 1]);
      await first.commit(1, 4, 'older');
      await first.commit(1, 6, metadata);
      await first.close();
      expect(await log.committed(group, topic)).toEqual([{ partition: 1, offset: 6, metadata }]);
      const handler = recorder();
      const second = await join(handler);
      await until(second, () => expect([0, 1].map((it) => handler.values(it).length)).toEqual([9, 3]));
      expect(handler.values(1)).toEqual(['6', '7', '8']);
      const told = handler.happenings.filter((it) => it.kind === 'assigned').map((it) => [it.partition, it.committed]);
      expect(Object.fromEntries(told)).toEqual({
        0: undefined,
        1: { partition: 1, offset: 6, metadata },
      });
    },
  );

  test('take 4,000 bytes of metadata, and no more', async () => {
    const { log, topic, group, join } = await groupForTest(open);
    const member = await join(recorder());
    await assigned(member, [0]);
    const most = '危'.repeat(1_333) + 'x';
    await member.commit(0, 0, most);
    await expect(member.commit(0, 0, `${most}y`)).rejects.toMatchObject({
      code: 'failed',
      retriable: false,
    });
    expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 0, metadata: most }]);
  });

  test('are refused for a partition that is not ours', async () => {
    const { join } = await groupForTest(open);
    const member = await join(recorder());
    await assigned(member, [0]);
    await expect(member.commit(1, 0, '')).rejects.toMatchObject({
      code: 'fenced',
      retriable: false,
    });
    await member.close();
    expect(member.assignment()).toEqual([]);
    await expect(member.commit(0, 0, '')).rejects.toMatchObject({
      code: 'fenced',
      retriable: false,
    });
  });

  test('of two groups are apart', async () => {
    const { log, topic, group, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 3));
    const member = await join(recorder());
    await assigned(member, [0]);
    await member.commit(0, 2, 'mine');
    const handler = recorder();
    const other = await log.join({ group: `${group}-other`, topic, handler });
    await until(other, () => expect(handler.values(0)).toEqual(['0', '1', '2']));
    expect(await log.committed(`${group}-other`, topic)).toEqual([]);
  });
}

function leaveContract(open: OpenLog): void {
  test('finishes its batch, may still commit, and is told that its partitions are gone', async () => {
    const { log, topic, group, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 10));
    const steps: string[] = [];
    const gate = Promise.withResolvers<void>();
    const handler = recorder({
      during: async ({ records }) => {
        steps.push(`batch begins at ${records[0]!.offset}`);
        await gate.promise;
        steps.push('batch ends');
      },
    });
    const member = await join(handler, 4);
    await until(member, () => expect(steps).toHaveLength(1));
    const closed = member.close(async () => {
      steps.push('before leaving');
      await member.commit(0, 4, 'farewell');
    });
    gate.resolve();
    await closed;
    expect(steps).toEqual(['batch begins at 0', 'batch ends', 'before leaving']);
    expect(handler.happenings.map((it) => it.kind)).toEqual(['assigned', 'batch', 'revoked']);
    expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 4, metadata: 'farewell' }]);
    await member.close();
  });

  test('leaves also where what it does before fails, and says so', async () => {
    const { join } = await groupForTest(open);
    const member = await join(recorder());
    await assigned(member, [0]);
    const failing = member.close(async () => {
      throw new Error('no snapshot today');
    });
    await expect(failing).rejects.toThrow('no snapshot today');
    const next = await join(recorder());
    await assigned(next, [0]);
  });

  test('leaves when the log is closed', async () => {
    const { log, join } = await groupForTest(open);
    const handler = recorder();
    const member = await join(handler);
    await assigned(member, [0]);
    await log.close();
    expect(handler.happenings.map((it) => it.kind)).toEqual(['assigned', 'revoked']);
  });
}

function deathContract(open: OpenLog): void {
  const bug = new Error('a bug in the handler');
  const fail = (): never => {
    throw bug;
  };

  test('by an error in onBatch says so, hands out nothing more, and leaves its commit alone', async () => {
    const { log, topic, group, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 10));
    const begun: number[] = [];
    const handler = recorder({
      during: ({ records }) => {
        begun.push(records[0]!.offset);
        if (records[0]!.offset > 0) fail();
      },
    });
    const member = await join(handler, 2);
    await expect(member.failed).rejects.toBe(bug);
    expect(begun).toEqual([0, 2]);
    expect(handler.values(0)).toEqual(['0', '1']);
    await expect(member.commit(0, 2, '')).rejects.toMatchObject({ code: 'fenced' });
    await member.close(fail);
    expect(await log.committed(group, topic)).toEqual([]);
    const next = recorder();
    const heir = await join(next);
    await until(heir, () => expect(next.values(0)).toHaveLength(10));
  });

  test('by an error in onAssigned says so', async () => {
    const { join } = await groupForTest(open);
    const died = join({
      onAssigned: fail,
      onBatch: async () => undefined,
      onRevoked: () => undefined,
    }).then((it) => it.failed);
    await expect(died).rejects.toThrow(bug.message);
  });

  test('where it is to begin at an offset that the log has not', async () => {
    const { log, topic, group, join } = await groupForTest(open);
    await log.append(topic, numbered(0, 3));
    const first = await join(recorder());
    await assigned(first, [0]);
    await first.commit(0, 2, 'pointer');
    await first.close();
    const died = join(recorder({ startAt: () => 1_000 })).then((it) => it.failed);
    await expect(died).rejects.toMatchObject({ code: 'offset-gone', retriable: false });
    expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 2, metadata: 'pointer' }]);
  });
}

function twoMembersContract(open: OpenLog): void {
  test('share the partitions, or one stands by; each partition is one member’s', async () => {
    const { log, topic, join } = await groupForTest(open, 4);
    const handlers = [recorder(), recorder()];
    const members = [await join(handlers[0]!), await join(handlers[1]!)];
    const assignments = (): number[] => members.flatMap((it) => it.assignment()).toSorted((a, b) => a - b);
    await vi.waitFor(() => expect(assignments()).toEqual([0, 1, 2, 3]), waitOptions);
    await log.append(
      topic,
      [0, 1, 2, 3].flatMap((it) => texts(it, `for ${it}`)),
    );
    const handled = (partition: number): unknown[] => handlers.flatMap((it) => it.values(partition));
    await vi.waitFor(
      () => expect([0, 1, 2, 3].map(handled)).toEqual([['for 0'], ['for 1'], ['for 2'], ['for 3']]),
      waitOptions,
    );
    expect(assignments()).toEqual([0, 1, 2, 3]);
  });

  test('one takes over what the other leaves, at its commit', async () => {
    const { log, topic, join } = await groupForTest(open, 2);
    await log.append(topic, [...numbered(0, 6), ...numbered(1, 6)]);
    const first = await join(recorder());
    await assigned(first, [0, 1]);
    const handler = recorder();
    const second = await join(handler);
    await vi.waitFor(() => expect(first.assignment().length + second.assignment().length).toBe(2), waitOptions);
    await first.close(async () => {
      // A partition that moves in this very moment is not ours to commit.
      const committed = first.assignment().map((it) => first.commit(it, 4, 'taken over'));
      for (const it of await Promise.allSettled(committed))
        if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'fenced' });
    });
    await assigned(second, [0, 1]);
    await until(second, () => expect([0, 1].map((it) => handler.values(it).at(-1))).toEqual(['5', '5']));
    const taken = handler.happenings.filter((it) => it.kind === 'assigned' && it.committed?.metadata === 'taken over');
    expect(taken.length).toBeGreaterThan(0);
    for (const { partition } of taken) expect(handler.values(partition)).toEqual(['4', '5']);
  });
}
