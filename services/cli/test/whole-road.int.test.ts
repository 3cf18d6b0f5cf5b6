import { decodeAlarmStep, isReject } from '@haulwatch/codec';
import { alarmAfter, type Alarm } from '@haulwatch/domain';
import { openRedisStore } from '@haulwatch/redis';
import { describeWithServers } from '@haulwatch/testkit';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { haulwatch, startService, type ServiceProcess } from './_processes.ts';
import { trackCsv } from './_tracks.ts';

const policyFile = new URL('../../../deploy/policies/shanghai.yaml', import.meta.url);
const zone = `
    - type: Feature
      id: test-zone
      properties: { name: test zone, datum: WGS-84, prohibited: true }
      geometry: { type: Point, coordinates: [121.45, 31.25] }
`.replace('WGS-84,', 'WGS-84, radiusM: 1500,');
const partitions = '4';

/** What must be the same wherever the telemetry was played: all but its place and time in a log. */
function comparable(alarm: Alarm): Omit<Alarm, 'cause' | 'producedAtMs'> {
  const { cause: _cause, producedAtMs: _producedAtMs, ...rest } = alarm;
  return rest;
}

const byId = (alarms: Iterable<Alarm>) =>
  [...alarms].map(comparable).toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : a.alarmId > b.alarmId ? 1 : 0));

/** The alarms as they stand after the steps that the offline engine wrote. */
async function alarmsOfFile(file: string): Promise<Map<string, Alarm>> {
  const alarms = new Map<string, Alarm>();
  for (const line of (await readFile(file, 'utf8')).trimEnd().split('\n')) {
    const step = decodeAlarmStep(Buffer.from(line));
    if (isReject(step)) throw new Error(step.detail);
    alarms.set(step.alarmId, alarmAfter(step));
  }
  return alarms;
}

describeWithServers(
  'the whole road, each service a process',
  ['kafka', 'redis', 'postgres'],
  ({ kafka, redis, postgres }) => {
    const running: ServiceProcess[] = [];
    let dir: string;
    let env: Record<string, string>;
    let api: string;

    const start = async (name: string): Promise<ServiceProcess> => {
      const service = await startService(name, env);
      running.push(service);
      return service;
    };

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'haulwatch-road-'));
      env = {
        KAFKA_BROKERS: kafka.bootstrapServers.join(','),
        TOPIC_PREFIX: kafka.topicPrefix,
        REDIS_URL: redis.url,
        REDIS_PREFIX: redis.keyPrefix,
        DATABASE_URL: await postgres.createDatabase(),
        PORT: '0',
        SESSION_TIMEOUT_MS: '6000',
      };
      const policy = (await readFile(policyFile, 'utf8'))
        .replace('unknownVehicles: reject', 'unknownVehicles: heavy')
        .replace(/heavy:\n\s+value: 100/, 'heavy:\n        value: 50')
        .replace('features:\n', `features:${zone}`)
        // The services still know the first fleet when the second file comes, a day later; the engine offline never met it.
        .replace(/\n {2}offline:\n[\s\S]*?(?=\n {2}offline-displacement:)/, '');
      expect(policy).not.toMatch(/^ {2}offline:/m);
      await writeFile(join(dir, 'policy.yaml'), policy);
      await haulwatch(['topics', 'create', '--partitions', partitions], env);
      await haulwatch(['policy', 'publish', join(dir, 'policy.yaml')], env);
      // One of the workers has no Redis: what it finds is the same.
      running.push(await startService('ingest', { ...env, REDIS_URL: 'redis://127.0.0.1:1' }));
      for (const name of ['ingest', 'alerts', 'alerts', 'history']) await start(name);
      api = String((await start('api')).started['address']);
    }, 120_000);

    afterAll(async () => {
      await Promise.all(running.map((service) => service.kill('SIGTERM')));
      await rm(dir, { recursive: true });
    });

    /** Plays a file offline and over the real servers, and holds every place where alarms stand to the offline engine. */
    async function playAndCompare(file: string, formerAlarms: ReadonlyMap<string, Alarm>): Promise<Map<string, Alarm>> {
      const out = `${file}.alarms.jsonl`;
      const offline = await haulwatch([
        'replay',
        file,
        '--policy',
        join(dir, 'policy.yaml'),
        '--out',
        out,
        '--partitions',
        partitions,
      ]);
      const online = await haulwatch(['replay', file, '--to', 'kafka'], env);
      expect({ ...online, seconds: 0 }).toEqual({ ...offline, seconds: 0 });
      const expected = new Map([...formerAlarms, ...(await alarmsOfFile(out))]);
      expect(expected.size).toBeGreaterThan(formerAlarms.size + 20);

      const store = await openRedisStore({ url: redis.url, prefix: redis.keyPrefix });
      try {
        await vi.waitFor(async () => expect(byId(await store.alarms())).toEqual(byId(expected.values())), {
          timeout: 40_000,
          interval: 500,
        });
        const open = [...expected.values()].filter((alarm) => alarm.status === 'open');
        expect(byId(await store.openAlarms(10_000))).toEqual(byId(open));
        await vi.waitFor(async () => expect(byId(await alarmsOfApi(api))).toEqual(byId(expected.values())), {
          timeout: 20_000,
          interval: 500,
        });
      } finally {
        await store.close();
      }
      return expected;
    }

    test('gives the same alarms in Redis, PostgreSQL and the API as the engine offline, also when a process dies', async () => {
      const startMs = Date.parse('2026-03-02T01:00:00Z');
      const first = join(dir, 'first.csv');
      await writeFile(first, trackCsv(11, 30, 200, startMs));
      const alarms = await playAndCompare(first, new Map());

      // The active alerts process and a worker die without a word; the standby and the other worker take over.
      const [, worker, active] = running;
      await worker!.kill('SIGKILL');
      await active!.kill('SIGKILL');
      const second = join(dir, 'second.csv');
      await writeFile(second, trackCsv(12, 30, 200, startMs + 86_400_000).replaceAll('truck-', 'lorry-'));
      await playAndCompare(second, alarms);
    }, 180_000);
  },
);

async function alarmsOfApi(address: string): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${address}/v1/alarms?limit=100${query}`);
    const page = (await answer.json()) as { readonly alarms: Alarm[]; readonly next?: string | null };
    alarms.push(...page.alarms);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return alarms;
}
