import { LiveStoreError } from '@haulwatch/ports';
import type { Redis } from 'ioredis';
import type { RedisLogger } from './connection.ts';

/**
 * Refuses a Redis that takes the liberty to throw keys away: an alarm that it has evicted is lost, and nobody would notice. Asked once
 * for each connection, and again as long as it refuses, so that a setting that is put right goes through.
 */
export class EvictionGuard {
  readonly #redis: Redis;
  readonly #address: string;
  readonly #logger: RedisLogger | undefined;
  #isKnownToKeep = false;

  constructor(redis: Redis, address: string, logger: RedisLogger | undefined) {
    this.#redis = redis;
    this.#address = address;
    this.#logger = logger;
    redis.on('ready', () => {
      this.#isKnownToKeep = false;
    });
  }

  /** @throws LiveStoreError; what Redis says where it does not answer. */
  async mustKeep(): Promise<void> {
    if (this.#isKnownToKeep) return;
    const memory = await this.#memory();
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
    const maxBytes = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0);
    if (maxBytes > 0 && policy !== undefined && policy !== 'noeviction') {
      throw new LiveStoreError(
        'failed',
        `Redis at ${this.#address} throws keys away when its memory is full (maxmemory-policy ${policy}), alarms among them: set maxmemory-policy to noeviction.`,
        { retriable: true },
      );
    }
    this.#isKnownToKeep = true;
  }

  async #memory(): Promise<string> {
    try {
      return await this.#redis.info('memory');
    } catch (error) {
      // A user may be allowed everything else that we need.
      if (!String(error).includes('NOPERM')) throw error;
      this.#logger?.warn({ address: this.#address }, 'Redis does not tell its maxmemory-policy; it must be noeviction');
      return '';
    }
  }
}
