import type { Alarm } from '@haulwatch/domain';
import {
  eventsKept as eventsKeptOfPort,
  LiveStoreError,
  type LastFix,
  type LiveBatch,
  type LiveStore,
  type LiveWrite,
} from '@haulwatch/ports';
import { chunksOf } from './batch-chunks.ts';
import { addressOf, connect, type RedisLogger } from './connection.ts';
import { EventReader } from './event-reader.ts';
import { closedError } from './event-tail.ts';
import { EvictionGuard } from './eviction.ts';
import { liveKeys, type LiveKeys } from './keys.ts';
import { packLastFix, unpackLastFix } from './last-fix-row.ts';
import { liveStoreError } from './redis-error.ts';
import { withScripts, type ScriptedRedis } from './scripts.ts';

export type RedisStoreOptions = {
  /** redis:// or rediss:// (TLS), with user, password and database where needed. */
  readonly url: string;
  /** Begins every key, so that several Haulwatches can share a server; see liveKeys for Redis Cluster. */
  readonly prefix: string;
  readonly logger?: RedisLogger;
  /** True: opens though Redis is away, and goes on connecting; until it is there each call says so. */
  readonly mayBeAway?: boolean;
  /** Events that the stream keeps at least. */
  readonly eventsKept?: number;
};

/** Fixes of one script call: some 1 ms of Redis' time. */
const fixesPerCallMax = 500;
/** Alarms of one read, so that a store of 100,000 does not stop Redis while it is read. */
const alarmsPerReadMax = 1_000;

/**
 * The live store on Redis 6.2 or newer, or Valkey.
 *
 * Delivery: effectively once, by the log position that apply-6.lua stores together with the writes. A batch of more than
 * 500 writes goes in several calls, each whole in itself; when the connection breaks between two of them, the stored
 * position tells how far it came, and the repeated batch does the rest. After a power cut Redis may have gone back
 * by a second or two (AOF everysec): the next batch is then refused with 'rewound'.
 * @throws LiveStoreError 'unreachable' when Redis is away at the start, unless it may be; later, each call says so by itself.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<LiveStore> {
  const { url, prefix, logger, mayBeAway = false, eventsKept = eventsKeptOfPort } = options;
  const redis = withScripts(await connect(url, { logger, mayBeAway }));
  const keys = liveKeys(prefix);
  const eviction = new EvictionGuard(redis, addressOf(url), logger);
  const reader = new EventReader(redis, keys.events);
  let closed = false;
  /** Turns whatever Redis or ioredis says into the errors of the port. */
  const told = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw closed ? closedError() : liveStoreError(error, addressOf(url));
    });
  return {
    apply: (batch) => told(eviction.mustKeep().then(() => apply(redis, keys, batch, eventsKept))),
    position: () => told(redis.get(keys.position).then((text) => (text === null ? -1 : Number(text)))),
    alarms: () => told(allAlarms(redis, keys)),
    openAlarms: (limit) => told(openAlarms(redis, keys, limit)),
    openAlarmsOf: (vehicleId) => told(openAlarmsOf(redis, keys, vehicleId)),
    openCounts: () => told(openCounts(redis, keys)),
    events: (after, limit, waitMs) => told(reader.read(after, limit, waitMs)),
    putLastFixes: (fixes) => told(putLastFixes(redis, keys, fixes)),
    lastFix: (vehicleId) => told(lastFix(redis, keys, vehicleId)),
    clear: () => told(clear(redis, keys)),
    close: async () => {
      closed = true;
      reader.close();
      redis.disconnect();
    },
  };
}

async function apply(redis: ScriptedRedis, keys: LiveKeys, batch: LiveBatch, eventsKept: number): Promise<void> {
  const { position, alarms, open, openOfVehicle, openCounts: counts, events } = keys;
  const scriptKeys = [position, alarms, open, openOfVehicle, counts, events];
  // All chunks are on their way at once, so that Redis works on one while the next is encoded. Each says what it comes
  // after: where one fails, those behind it are refused.
  const answers = await Promise.all(
    chunksOf(batch).map(({ after, upTo, writes }) =>
      redis.haulwatchApply(...scriptKeys, after, upTo, eventsKept, ...writes.flatMap(writeArguments)),
    ),
  );
  const rewound = answers.find(([answer]) => answer === 'rewound');
  if (rewound === undefined) return;
  throw new LiveStoreError(
    'rewound',
    `Redis is at position ${rewound[1]} of the alarm log, before ${batch.after}, which was written already (a failover or an older copy?): start alerts anew, which fills it from its own position on.`,
    { retriable: false },
  );
}

/** One command, so that nobody sees half of it. Redis gives the memory back beside its work. */
async function clear(redis: ScriptedRedis, keys: LiveKeys): Promise<void> {
  const { position, alarms, open, openOfVehicle, openCounts: counts, events } = keys;
  await redis.unlink(position, alarms, open, openOfVehicle, counts, events);
}

/** A write in the words of apply-6.lua. */
function writeArguments(write: LiveWrite): (string | number)[] {
  switch (write.op) {
    case 'put-alarm': {
      const { alarm } = write;
      const open = alarm.status === 'open' ? 1 : 0;
      const { alarmId, vehicleId, rule, startedAtMs } = alarm;
      return ['put', write.position, alarmId, vehicleId, rule, startedAtMs, open, JSON.stringify(alarm)];
    }
    case 'drop-alarm':
      return ['drop', write.position, write.alarmId];
    case 'event':
      return ['event', write.position, write.index, write.type, write.data];
  }
}

async function allAlarms(redis: ScriptedRedis, keys: LiveKeys): Promise<Alarm[]> {
  // A scan may meet an alarm twice while the hash grows; the later one is the newer one.
  const found = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, flat] = await redis.hscan(keys.alarms, cursor, 'COUNT', alarmsPerReadMax);
    for (let at = 0; at + 1 < flat.length; at += 2) found.set(flat[at]!, flat[at + 1]!);
    cursor = next;
  } while (cursor !== '0');
  return [...found.values()].map((json) => JSON.parse(json) as Alarm);
}

async function openAlarms(redis: ScriptedRedis, keys: LiveKeys, limit: number): Promise<Alarm[]> {
  const alarmIds = limit > 0 ? await redis.zrevrange(keys.open, 0, limit - 1) : [];
  return alarmsStillOpen(redis, keys, alarmIds);
}

async function openAlarmsOf(redis: ScriptedRedis, keys: LiveKeys, vehicleId: string): Promise<Alarm[]> {
  // '\v' is the character behind '\n': the range holds all that begins with the vehicle's id and '\n'.
  const members = await redis.zrangebylex(keys.openOfVehicle, `[${vehicleId}\n`, `(${vehicleId}\v`);
  const alarmIds = members.map((member) => member.slice(vehicleId.length + 1));
  const alarms = await alarmsStillOpen(redis, keys, alarmIds);
  return alarms.filter((alarm) => alarm.vehicleId === vehicleId).sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** Reads alarms in the order asked for; one that was cleared since the index was read is left out. */
async function alarmsStillOpen(redis: ScriptedRedis, keys: LiveKeys, alarmIds: readonly string[]): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (let at = 0; at < alarmIds.length; at += alarmsPerReadMax) {
    const rows = await redis.hmget(keys.alarms, ...alarmIds.slice(at, at + alarmsPerReadMax));
    for (const json of rows) if (json !== null) alarms.push(JSON.parse(json) as Alarm);
  }
  return alarms.filter((alarm) => alarm.status === 'open');
}

async function openCounts(redis: ScriptedRedis, keys: LiveKeys): Promise<Record<string, number>> {
  const counts = await redis.hgetall(keys.openCounts);
  return Object.fromEntries(Object.entries(counts).map(([rule, count]) => [rule, Number(count)]));
}

async function putLastFixes(redis: ScriptedRedis, keys: LiveKeys, fixes: readonly LastFix[]): Promise<void> {
  const newest = new Map<string, LastFix>();
  for (const fix of fixes) {
    const other = newest.get(fix.vehicleId);
    if (other === undefined || fix.fixedAtMs >= other.fixedAtMs) newest.set(fix.vehicleId, fix);
  }
  const pairs = [...newest.values()].map((fix) => [fix.vehicleId, packLastFix(fix)]);
  for (let at = 0; at < pairs.length; at += fixesPerCallMax) {
    await redis.haulwatchPutLastFixes(keys.lastFixes, ...pairs.slice(at, at + fixesPerCallMax).flat());
  }
}

async function lastFix(redis: ScriptedRedis, keys: LiveKeys, vehicleId: string): Promise<LastFix | undefined> {
  const packed = await redis.hget(keys.lastFixes, vehicleId);
  return packed === null ? undefined : unpackLastFix(vehicleId, packed);
}
