import type { GroupHandler, GroupMember, Log, NewLogRecord } from '@haulwatch/ports';
import { describeWithServers, logContract } from '@haulwatch/testkit';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openKafkaLog, type KafkaOptions } from './kafka-log.ts';

const waitOptions = { timeout: 30_000, interval: 50 };

describeWithServers('Kafka', ['kafka'], ({ kafka }) => {
  const unique = (name: string): string => `${kafka.topicPrefix}${name}-${randomUUID()}`;

  logContract('the log on Kafka', async () => {
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'haulwatch-test' });
    return { log, topic: unique, close: () => log.close() };
  });

  const open = async (options: Partial<KafkaOptions> = {}): Promise<Log> => {
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'haulwatch-test', ...options });
    onTestFinished(() => log.close());
    return log;
  };
  const topicOf = async (log: Log, partitions = 1): Promise<string> => {
    const topic = unique('records');
    await log.ensureTopics([{ name: topic, partitions }]);
    return topic;
  };

  describe('appends on Kafka', () => {
    test('130,000 records of one call stand together', async () => {
      const log = await open();
      const topic = await topicOf(log);
      expect(await log.append(topic, numbered(130_000))).toEqual([{ partition: 0, baseOffset: 0, count: 130_000 }]);
      const seen: number[] = [];
      const follower = await log.follow(topic, (it) => seen.push(Number(decode(it.value))));
      expect(seen).toEqual(Array.from({ length: 130_000 }, (_, n) => n));
      await follower.close();
    });

    test('where two processes append much at once, each is told all its places', async () => {
      const logs = [await open(), await open()];
      const topic = await topicOf(logs[0]!);
      const placed = await Promise.all(logs.map((log, writer) => log.append(topic, numbered(5_000, `${writer}:`))));
      for (const [writer, places] of placed.entries()) {
        const values: (string | undefined)[] = [];
        for (const { baseOffset, count } of places) {
          values.push(...(await logs[0]!.read(topic, 0, baseOffset, count)).map((it) => decode(it.value)));
        }
        expect(values).toEqual(numbered(5_000, `${writer}:`).map((it) => it.value));
      }
    });
  });

  test('a topic gets the settings of its spec', async () => {
    const log = await open();
    const name = unique('records');
    await log.ensureTopics([
      { name, partitions: 1, compacted: true, segmentBytes: 64_000_000, compactionLagMs: 3_600_000 },
    ]);
    const admin = new Kafka({ brokers: [...kafka.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const configNames = ['cleanup.policy', 'segment.bytes', 'min.compaction.lag.ms'];
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames }],
    });
    const settings = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    expect(Object.fromEntries(settings)).toEqual({
      'cleanup.policy': 'compact',
      'segment.bytes': '64000000',
      'min.compaction.lag.ms': '3600000',
    });
  });

  test('a handler that takes its time finds its records as they were written, over many fetches into the same memory', async () => {
    const log = await open();
    const topic = await topicOf(log, 2);
    const size = 400_000;
    const count = 50;
    const fillOf = (partition: number, offset: number): number => (7 * offset + 100 * partition + 1) % 251;
    for (let offset = 0; offset < count; offset += 1)
      await log.append(
        topic,
        [0, 1].map((partition) => ({
          partition,
          key: `key ${offset}`,
          value: Buffer.alloc(size, fillOf(partition, offset)),
        })),
      );
    const seen: number[] = [];
    const wrong: string[] = [];
    const memory = new Set<ArrayBufferLike>();
    const member = await log.join({
      group: unique('group'),
      topic,
      handler: {
        onAssigned: async () => 'beginning',
        onRevoked: () => undefined,
        async onBatch({ partition, records }) {
          await delay(10);
          for (const { offset, key, value } of records) {
            const isSame = Buffer.alloc(size, fillOf(partition, offset)).equals(value!);
            if (!isSame || decode(key) !== `key ${offset}`) wrong.push(`${partition}@${offset}`);
            memory.add(value!.buffer);
            seen.push(offset);
          }
        },
      },
    });
    await Promise.race([member.failed, vi.waitFor(() => expect(seen).toHaveLength(2 * count), waitOptions)]);
    expect(wrong).toEqual([]);
    // 1 MB of each partition at a time: 17 fetches at least.
    expect(memory.size).toBeLessThan(6);
  });

  describe('removed records', () => {
    test('are told to a member, and its commit stays as it is', async () => {
      const log = await open();
      const topic = await topicOf(log);
      const group = unique('group');
      await log.append(topic, numbered(10));
      const first = await log.join({ group, topic, handler: beginningAt('beginning') });
      await vi.waitFor(() => first.commit(0, 3, 's1;a=17'), waitOptions);
      await first.close();
      await removeBefore(kafka.bootstrapServers, topic, 6);

      const second = await log.join({ group, topic, handler: beginningAt(3) });
      await expect(second.failed).rejects.toMatchObject({ code: 'offset-gone', retriable: false });
      expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 3, metadata: 's1;a=17' }]);

      const seen: number[] = [];
      const third = await log.join({ group, topic, handler: beginningAt('beginning', seen) });
      await Promise.race([third.failed, vi.waitFor(() => expect(seen).toEqual([6, 7, 8, 9]), waitOptions)]);
    });

    test('are told to a reader; a follower begins at the oldest that is left', async () => {
      const log = await open();
      const topic = await topicOf(log);
      await log.append(topic, numbered(10));
      await removeBefore(kafka.bootstrapServers, topic, 6);
      await expect(log.read(topic, 0, 5, 1)).rejects.toMatchObject({ code: 'offset-gone' });
      expect([await log.startOffsets(topic), await log.endOffsets(topic)]).toEqual([[6], [10]]);
      expect((await log.read(topic, 0, 6, 2)).map((it) => it.offset)).toEqual([6, 7]);
      const seen: number[] = [];
      const follower = await log.follow(topic, (it) => seen.push(it.offset));
      expect(seen).toEqual([6, 7, 8, 9]);
      await follower.close();
    });
  });

  test('who comes takes no more than its share, who goes leaves the others what they have: the rest keeps its memory', async () => {
    const log = await open();
    const topic = await topicOf(log, 6);
    const restored: [member: string, partition: number][] = [];
    const join = async (name: string): Promise<GroupMember> =>
      await log.join({
        group: topic,
        topic,
        handler: {
          ...beginningAt('beginning'),
          onAssigned: async (partition) => {
            restored.push([name, partition]);
            return 'beginning';
          },
        },
      });
    const [first, second] = [await join('first'), await join('second')];
    await vi.waitFor(() => expect([first, second].map((it) => it.assignment().length)).toEqual([3, 3]), waitOptions);
    const before = [first, second].map((it) => it.assignment());
    restored.length = 0;
    const third = await join('third');
    const members = [first, second, third];
    await vi.waitFor(() => expect(members.map((it) => it.assignment().length)).toEqual([2, 2, 2]), waitOptions);
    expect(before[0]).toEqual(expect.arrayContaining([...first.assignment()]));
    expect(before[1]).toEqual(expect.arrayContaining([...second.assignment()]));
    await vi.waitFor(() => expect(restored).toHaveLength(2), waitOptions);
    expect(restored.map(([name]) => name)).toEqual(['third', 'third']);
    const kept = [first, second].map((it) => it.assignment());
    restored.length = 0;
    await third.close();
    await vi.waitFor(() => expect([first, second].map((it) => it.assignment().length)).toEqual([3, 3]), waitOptions);
    expect(first.assignment()).toEqual(expect.arrayContaining([...kept[0]!]));
    expect(second.assignment()).toEqual(expect.arrayContaining([...kept[1]!]));
    await vi.waitFor(() => expect(restored.map(([name]) => name).toSorted()).toEqual(['first', 'second']), waitOptions);
    for (const member of [first, second]) await member.close();
  });

  test('beside a member that knows kafkajs’ own way to share alone, that one is taken', async () => {
    const log = await open();
    const topic = await topicOf(log, 4);
    const other = new Kafka({ brokers: [...kafka.bootstrapServers], logLevel: logLevel.NOTHING }).consumer({
      groupId: topic,
    });
    await other.connect();
    onTestFinished(() => other.disconnect());
    await other.subscribe({ topics: [topic] });
    await other.run({ eachMessage: async () => undefined });
    const member = await log.join({ group: topic, topic, handler: beginningAt('beginning') });
    await vi.waitFor(() => expect(member.assignment()).toHaveLength(2), waitOptions);
    await member.close();
  });

  test('a topic that is made anew has no commits any more: whoever begins must not take that for its first time', async () => {
    const log = await open();
    const topic = await topicOf(log);
    await log.append(topic, numbered(3));
    const assigned = Promise.withResolvers<void>();
    const handler: GroupHandler = {
      onAssigned: async () => {
        assigned.resolve();
        return 'beginning';
      },
      onBatch: async () => undefined,
      onRevoked: () => undefined,
    };
    const member = await log.join({ group: topic, topic, handler });
    await assigned.promise;
    await member.commit(0, 3, 'state');
    await member.close();
    expect(await log.committed(topic, topic)).toEqual([{ partition: 0, offset: 3, metadata: 'state' }]);
    const admin = new Kafka({ brokers: [...kafka.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await vi.waitFor(async () => {
      const later = await open();
      await later.ensureTopics([{ name: topic, partitions: 1 }]);
      expect(await later.endOffsets(topic)).toEqual([0]);
      expect(await later.committed(topic, topic)).toEqual([]);
    }, waitOptions);
  });

  test('a member that slept while another had its partition cannot commit, and begins anew at the other’s commit', async () => {
    const sessionTimeoutMs = 6_000;
    const log = await open({ sessionTimeoutMs });
    const topic = await topicOf(log);
    const group = unique('group');
    await log.append(topic, numbered(3));
    const { child, lines } = otherProcess(
      `const log = await openKafkaLog({ brokers: ${JSON.stringify(kafka.bootstrapServers)}, clientId: 'other', sessionTimeoutMs: ${sessionTimeoutMs} });
       const commit = () => member.commit(0, 1, 'of the sleeper').then(() => console.log('committed'), (error) => console.log(error.code));
       process.on('SIGUSR2', commit);
       const member = await log.join({ group: '${group}', topic: '${topic}', handler: {
         onAssigned: async (_, committed) => { console.log('assigned', committed?.metadata); return committed?.offset ?? 'beginning'; },
         onBatch: async ({ records }) => console.log('batch at', records[0].offset),
         onRevoked: () => console.log('revoked'),
       } });`,
    );
    const told = async (count: number): Promise<string[]> => {
      const some: string[] = [];
      while (some.length < count) some.push((await lines.next()).value as string);
      return some;
    };
    expect(await told(2)).toEqual(['assigned undefined', 'batch at 0']);
    child.kill('SIGSTOP');
    const member = await log.join({ group, topic, handler: beginningAt('beginning') });
    await vi.waitFor(() => expect(member.assignment()).toEqual([0]), waitOptions);
    await member.close(() => member.commit(0, 2, 'of the other'));
    child.kill('SIGUSR2');
    child.kill('SIGCONT');
    const steps = await told(4);
    expect(steps).toContain('fenced');
    expect(steps.filter((it) => it !== 'fenced')).toEqual(['revoked', 'assigned of the other', 'batch at 2']);
    expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 2, metadata: 'of the other' }]);
  });

  test('a handler that waits for longer than a session lasts keeps its partition, and may commit', async () => {
    const sessionTimeoutMs = 6_000;
    const log = await open({ sessionTimeoutMs });
    const topic = await topicOf(log);
    const group = unique('group');
    await log.append(topic, numbered(1));
    const steps: string[] = [];
    const member = await log.join({
      group,
      topic,
      handler: {
        onAssigned: async () => 'beginning',
        onBatch: async () => {
          await delay(sessionTimeoutMs + 2_000);
          await member.commit(0, 1, 'after the wait');
          steps.push('handled');
        },
        onRevoked: () => steps.push('revoked'),
      },
    });
    await Promise.race([member.failed, vi.waitFor(() => expect(steps).toEqual(['handled']), waitOptions)]);
    expect(await log.committed(group, topic)).toEqual([{ partition: 0, offset: 1, metadata: 'after the wait' }]);
  });

  describe('quiet', () => {
    test('a life without accidents logs neither warning nor error', async () => {
      const loud: unknown[] = [];
      const warnings: string[] = [];
      const onWarning = (it: Error): unknown => warnings.push(it.name);
      process.on('warning', onWarning);
      onTestFinished(() => void process.off('warning', onWarning));
      const log = await open({
        logger: (level, ...line) => ['warn', 'error'].includes(level) && loud.push([level, ...line]),
      });
      const topic = await topicOf(log, 2);
      const group = unique('group');
      const members: GroupMember[] = [];
      for (let joined = 0; joined < 2; joined++)
        members.push(await log.join({ group, topic, handler: beginningAt('beginning') }));
      await log.append(topic, numbered(10));
      await vi.waitFor(() => expect(members.map((it) => it.assignment().length)).toEqual([1, 1]), waitOptions);
      for (const member of members) await member.close(() => member.commit(member.assignment()[0]!, 0, ''));
      await log.close();
      expect(loud).toEqual([]);
      expect(warnings).toEqual([]);
    });

    test('a member without work sets few timers, and none that is due at once', async () => {
      const log = await open();
      const topic = await topicOf(log);
      const member = await log.join({ group: unique('group'), topic, handler: beginningAt('beginning') });
      await vi.waitFor(() => expect(member.assignment()).toEqual([0]), waitOptions);
      const timers = vi.spyOn(globalThis, 'setTimeout');
      onTestFinished(() => timers.mockRestore());
      await delay(1_000);
      const delays = timers.mock.calls.map(([, delayMs]) => delayMs ?? 0);
      expect(delays.filter((it) => it <= 1)).toEqual([]);
      // kafkajs without its repair: about 900.
      expect(delays.length).toBeLessThan(100);
    });
  });
});

test('says what to do where no broker answers', async () => {
  // Nothing listens on port 1.
  await expect(openKafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'haulwatch-test' })).rejects.toMatchObject({
    code: 'unreachable',
    retriable: true,
    message: 'Kafka at 127.0.0.1:1 does not answer (connect): is it running? npm run servers -- up kafka',
  });
});

function numbered(count: number, prefix = ''): NewLogRecord[] {
  return Array.from({ length: count }, (_, n) => ({ partition: 0, key: null, value: `${prefix}${n}` }));
}

function decode(value: Uint8Array | null): string {
  return new TextDecoder().decode(value ?? new Uint8Array());
}

function beginningAt(start: number | 'beginning', seen: number[] = []): GroupHandler {
  return {
    onAssigned: async () => start,
    onBatch: async ({ records }) => void seen.push(...records.map((it) => it.offset)),
    onRevoked: () => undefined,
  };
}

/** Another process that runs a few lines of our code; lives until it is killed. */
function otherProcess(lines: string): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const program = `
    import { openKafkaLog } from '${new URL('./kafka-log.ts', import.meta.url).href}';
    ${lines}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

/** What retention does in its time. */
async function removeBefore(brokers: readonly string[], topic: string, offset: number): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  // kafkajs deletes in topics alone whose leaders it has looked up.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  await admin.disconnect();
}
