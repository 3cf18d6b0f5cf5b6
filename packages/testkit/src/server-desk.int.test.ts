import { execa } from 'execa';
import { findPostgresFolder, findProgram } from '@haulwatch/local';
import { afterEach, expect, test, vi } from 'vitest';
import { describeWithServers } from './describe-with-servers.ts';
import { sourceServer } from './server-source.ts';

afterEach(() => vi.unstubAllEnvs());

describeWithServers('the servers of a run', ['kafka', 'redis', 'postgres'], ({ kafka, redis, postgres }) => {
  test('each suite has databases of its own', async () => {
    const [mine, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await query(mine, 'create table marks (name text)');
    expect(await query(mine, `select count(*) from pg_tables where tablename = 'marks'`)).toBe('1');
    expect(await query(other, `select count(*) from pg_tables where tablename = 'marks'`)).toBe('0');
  });

  test('have prefixes that no other suite has', () => {
    expect(kafka.bootstrapServers).toHaveLength(1);
    expect(kafka.topicPrefix).toMatch(/^it-[0-9a-f]{8}-$/);
    expect(redis.keyPrefix).toMatch(/^it-[0-9a-f]{8}:$/);
  });
});

test.each([
  ['kafka', 'KAFKA_BROKERS', 'one:9092,two:9092'],
  ['redis', 'REDIS_URL', 'redis://elsewhere:6379'],
  ['postgres', 'DATABASE_URL', 'postgres://elsewhere/haulwatch'],
] as const)('%s comes from %s where that is set', async (name, variable, address) => {
  vi.stubEnv(variable, address);
  expect(await sourceServer(name, '/nowhere')).toMatchObject({ address });
});

async function query(url: string, sql: string): Promise<string> {
  const folder = findPostgresFolder();
  const psql = findProgram('psql', folder === undefined ? [] : [folder]) ?? 'psql';
  return (await execa(psql, [url, '-Atc', sql])).stdout;
}
