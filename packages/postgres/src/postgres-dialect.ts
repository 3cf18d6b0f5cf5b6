import { PostgresDialect, type Dialect } from 'kysely';
import { Pool, TypeOverrides, types } from 'pg';
import { HistoryError } from './history-error.ts';

/** Connections of one process: one writes, the others answer queries. */
const connectionsMax = 8;
/** Longest wait for a connection, ms. */
const connectMsMax = 5_000;
/** Longest query, ms; one that takes longer costs the others more than it is worth. */
const queryMsMax = 60_000;
/** A process that stops in the middle of a transaction gives its locks back after so long, ms. */
const idleInTransactionMsMax = 60_000;

/** PostgreSQL 13 or newer over the network, for `openHistory`. Connects with the first query. */
export function postgresDialect(url: string): Dialect {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new HistoryError(
      'failed',
      'The URL of PostgreSQL must look like postgres://user:password@host:5432/database.',
      {
        retriable: false,
      },
    );
  }
  const parsers = new TypeOverrides();
  // int8 as a number: what we keep in it stays below 2^53.
  parsers.setTypeParser(types.builtins.INT8, Number);
  const pool = new Pool({
    connectionString: url,
    application_name: 'haulwatch',
    max: connectionsMax,
    connectionTimeoutMillis: connectMsMax,
    statement_timeout: queryMsMax,
    // The server may be gone without a word: do not wait much longer than it would have let us.
    query_timeout: queryMsMax + connectMsMax,
    idle_in_transaction_session_timeout: idleInTransactionMsMax,
    keepAlive: true,
    types: parsers,
  });
  // A connection that breaks is told to whoever uses it next, by the query that fails. The event says the same once more;
  // unheard, it would end the process: from the pool while idle, from the client between the queries of a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({ pool });
}
