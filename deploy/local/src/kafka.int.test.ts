import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithPrograms } from './describe-with-programs.ts';
import { startKafka, type RunningKafka } from './kafka.ts';
import { ensureKafkaJars } from './kafka-jars.ts';
import { kafkaIsReady } from './kafka-probe.ts';
import { assertPortFree } from './ports.ts';
import { isRunning } from './server-process.ts';

/** Kafka's own command for topics. */
async function kafkaTopics(server: string, ...args: string[]): Promise<string> {
  const classPath = await ensureKafkaJars();
  const tool = ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'org.apache.kafka.tools.TopicCommand'];
  return (await execa('java', [...tool, '--bootstrap-server', server, ...args])).stdout;
}

await describeWithPrograms('Apache Kafka from its jars', ['kafka'], () => {
  let dir: string;
  let kafka: RunningKafka;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'haulwatch-kafka-'));
  });

  afterAll(async () => {
    await kafka.stop();
    rmSync(dir, { recursive: true });
  });

  test('one broker makes a topic, keeps it over a restart, and leaves nothing behind', async () => {
    kafka = await startKafka({ dir: join(dir, 'one') });
    const [server = ''] = kafka.bootstrapServers;
    await kafkaTopics(server, '--create', '--topic', 'kept', '--partitions', '3');
    await kafka.stop();
    expect(await Promise.all(kafka.processes.map(isRunning))).toEqual([false]);
    const port = Number(server.split(':')[1]);
    await assertPortFree(port, '--kafka-port');

    kafka = await startKafka({ dir: join(dir, 'one'), ports: [port], ephemeral: true });
    expect(kafka.bootstrapServers).toEqual([server]);
    expect(await kafkaTopics(server, '--describe', '--topic', 'kept')).toContain('PartitionCount: 3');
    await kafka.stop();
  });

  test('three brokers copy to each other and outlive the loss of one', async () => {
    kafka = await startKafka({ dir: join(dir, 'three'), brokers: 3, ephemeral: true });
    const [first = '', second = '', third = ''] = kafka.bootstrapServers;
    await kafkaTopics(first, '--create', '--topic', 'copied', '--replication-factor', '3');
    expect(await kafkaTopics(second, '--describe', '--topic', 'copied')).toMatch(/Isr: \d,\d,\d/);

    await kafka.kill(2);
    expect(await kafkaIsReady(third, 1)).toBe(false);
    expect(await kafkaIsReady(first, 2)).toBe(true);

    await kafka.stop();
    expect(await Promise.all(kafka.processes.map(isRunning))).toEqual([false, false, false]);
  });
});
