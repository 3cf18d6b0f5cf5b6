import { LiveStoreError } from '@haulwatch/ports';
import { Redis } from 'ioredis';
import { liveStoreError } from './redis-error.ts';

/** What the connection reports of itself; pino's logger fits. */
export type RedisLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

/** Longest wait for the answer to a command. A script call takes some 3 ms, a fork of a large Redis up to a second. */
const answerMsMax = 5_000;
/** A server that says nothing for so long, asked, is given up: the connection is made anew. */
const silenceMsMax = 10_000;
/** Longest pause between two attempts to connect: a Redis that is back is noticed within it. */
const reconnectMsMax = 2_000;

/**
 * Opens the connection for everything that answers at once. It queues nothing: while Redis is away each call fails
 * with 'unreachable' straight away, the caller decides when to try again, and meanwhile it goes on connecting.
 */
export async function connect(
  url: string,
  { logger, mayBeAway }: { readonly logger: RedisLogger | undefined; readonly mayBeAway: boolean },
): Promise<Redis> {
  const address = addressOf(url);
  const redis = new Redis(url, {
    ...sharedOptions,
    connectionName: 'haulwatch-live-store',
    enableOfflineQueue: false,
    commandTimeout: answerMsMax,
    socketTimeout: silenceMsMax,
  });
  let lastError: unknown;
  redis.on('error', (error) => (lastError = error));
  let isAway = false;
  try {
    await redis.connect();
  } catch (error) {
    const told = liveStoreError(lastError ?? error, address);
    isAway = mayBeAway && told.retriable;
    if (!isAway) {
      redis.disconnect();
      throw told;
    }
    logger?.warn({ address, err: lastError }, 'Redis is not there yet');
  }
  redis.on('reconnecting', () => {
    // Each attempt says so again; a reader of the log wants the first.
    if (!isAway) logger?.warn({ address, err: lastError }, 'connection to Redis lost');
    isAway = true;
  });
  redis.on('ready', () => {
    isAway = false;
    logger?.info({ address }, 'connection to Redis is back');
  });
  return redis;
}

/** A second connection that waits in blocking reads of at most `blockMs`; it connects with its first command. */
export function blockingTwin(redis: Redis, blockMs: number): Redis {
  const twin = redis.duplicate({
    connectionName: 'haulwatch-live-store-events',
    // The command that opens the connection has to wait for it.
    enableOfflineQueue: true,
    commandTimeout: undefined,
    socketTimeout: blockMs + silenceMsMax,
  });
  // Every failure reaches the caller by the command that it breaks; unheard, ioredis would print it.
  twin.on('error', () => {});
  return twin;
}

/** Host and port of a URL, for messages: the URL itself may hold a password. */
export function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol)) {
    throw new LiveStoreError(
      'failed',
      'The URL of Redis must look like redis://host:6379 or rediss://user:password@host:6379/0.',
      { retriable: false },
    );
  }
  return `${parsed.hostname}:${parsed.port || '6379'}`;
}

const sharedOptions = {
  lazyConnect: true,
  connectTimeout: answerMsMax,
  // What was on its way when the connection broke fails at once: our callers repeat it themselves, and may.
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt: number) => Math.min(attempt * 100, reconnectMsMax),
  // A primary that became a replica closes nothing: look the name up again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
};
