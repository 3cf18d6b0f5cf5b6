export { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './sqlite-log.ts';
export { openMemoryStore, type MemoryStoreOptions } from './live-store.ts';
export { pgliteDialect } from './pglite-dialect.ts';
