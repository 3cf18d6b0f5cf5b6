/** A server for this run, wherever it came from. */
export type SourcedServer = {
  /** As in KAFKA_BROKERS, REDIS_URL or DATABASE_URL. */
  readonly address: string;
  readonly stop: () => Promise<void>;
  /** PostgreSQL alone: runs one statement on the server's default database. */
  readonly runSql: (statement: string) => Promise<void>;
};
