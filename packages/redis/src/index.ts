export { openRedisStore, type RedisStoreOptions } from './redis-store.ts';
export type { RedisLogger } from './connection.ts';
