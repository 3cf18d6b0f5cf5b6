import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openKafkaLog } from '@haulwatch/kafka';
import { startKafka, type RunningKafka } from '@haulwatch/local';

const partitions = 6;
/** A record each 10 ms, its time in it: what is silent longer than usual is the loss. */
const everyMs = 10;
const settleMs = 5_000;
const afterMs = 20_000;
/** Kafka's own numbers, beside those that deploy has. */
const kafkaDefaults = {
  'broker.session.timeout.ms': 9_000,
  'broker.heartbeat.interval.ms': 2_000,
  'controller.quorum.fetch.timeout.ms': 2_000,
  'controller.quorum.election.timeout.ms': 1_000,
};

/**
 * How long is it silent when one of three brokers is killed (kill -9), and is anything lost or doubled? Each broker in turn, so
 * the coordinator of the group, the leader of the partitions and the active controller are among them. Copies 3, at least 2 in sync.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const { values } = parseArgs({ args: [...args], options: { defaults: { type: 'boolean', default: false } } });
  const losses: Loss[] = [];
  for (const broker of [0, 1, 2]) {
    const loss = await lose(broker, values.defaults ? kafkaDefaults : {});
    process.stdout.write(`broker ${broker} killed: ${JSON.stringify(loss)}\n`);
    losses.push(loss);
  }
  const worst = (key: keyof Loss): number => Math.max(...losses.map((loss) => loss[key]));
  return {
    settings: values.defaults ? 'kafka defaults' : 'deploy',
    silenceMs: losses.map(({ silenceMs }) => silenceMs),
    worstSilenceMs: worst('silenceMs'),
    lost: losses.reduce((sum, { lost }) => sum + lost, 0),
    doubled: losses.reduce((sum, { doubled }) => sum + doubled, 0),
  };
}

type Loss = { readonly silenceMs: number; readonly sent: number; readonly lost: number; readonly doubled: number };

async function lose(broker: number, properties: Readonly<Record<string, number>>): Promise<Loss> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-loss-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const kafka = stack.adopt(await startKafka({ dir, brokers: 3, ephemeral: true, properties }), (it) => it.stop());
  return await watchLoss(kafka, broker);
}

async function watchLoss(kafka: RunningKafka, broker: number): Promise<Loss> {
  await using stack = new AsyncDisposableStack();
  const brokers = [...kafka.bootstrapServers];
  const open = async (clientId: string) => stack.adopt(await openKafkaLog({ brokers, clientId }), (log) => log.close());
  const [writer, reader] = [await open('writer'), await open('reader')];
  await writer.ensureTopics([{ name: 'records', partitions }]);
  const seen = new Map<number, number>();
  const heardAtMs = Array<number>(partitions).fill(performance.now());
  let silenceMs = 0;
  const hear = (partition: number): void => {
    silenceMs = Math.max(silenceMs, performance.now() - heardAtMs[partition]!);
    heardAtMs[partition] = performance.now();
  };
  await reader.join({
    group: 'readers',
    topic: 'records',
    handler: {
      onAssigned: async (_partition, committed) => committed?.offset ?? 'beginning',
      onBatch: async ({ partition, records }) => {
        hear(partition);
        for (const { value } of records) {
          const n = Number(Buffer.from(value!).toString());
          seen.set(n, (seen.get(n) ?? 0) + 1);
        }
      },
      onRevoked: () => undefined,
    },
  });
  let sent = 0;
  const pending = new Set<Promise<unknown>>();
  const writing = setInterval(() => {
    const records = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      key: null,
      value: String(sent * partitions + partition),
    }));
    sent += 1;
    const appended = writer.append('records', records).finally(() => pending.delete(appended));
    pending.add(appended);
  }, everyMs);
  await sleep(settleMs);
  silenceMs = 0;
  heardAtMs.fill(performance.now());
  await kafka.kill(broker);
  await sleep(afterMs);
  for (let partition = 0; partition < partitions; partition += 1) hear(partition);
  clearInterval(writing);
  await Promise.all(pending);
  const wanted = sent * partitions;
  const endMs = performance.now() + 30_000;
  while (seen.size < wanted && performance.now() < endMs) await sleep(100);
  return {
    silenceMs: Math.round(silenceMs),
    sent: wanted,
    lost: wanted - seen.size,
    doubled: [...seen.values()].filter((times) => times > 1).length,
  };
}
