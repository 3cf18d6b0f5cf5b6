import { join } from 'node:path';
import { execa } from 'execa';
import {
  findPostgresFolder,
  findProgram,
  startKafka,
  startPostgres,
  startRedis,
  UnavailableError,
  type ServerName,
} from '@haulwatch/local';
import { startContainer } from './server-container.ts';
import type { SourcedServer } from './sourced-server.ts';

const variables: Record<ServerName, string> = { kafka: 'KAFKA_BROKERS', redis: 'REDIS_URL', postgres: 'DATABASE_URL' };

/** The first that works: the environment's address, programs of this machine, Docker. Throws UnavailableError. */
export async function sourceServer(name: ServerName, dir: string): Promise<SourcedServer> {
  const address = process.env[variables[name]];
  if (address !== undefined && address !== '') {
    return { address, stop: async () => {}, runSql: (statement) => psql(address, statement) };
  }
  try {
    return await startLocally(name, join(dir, name));
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const container = await startContainer(name);
    if (container !== undefined) return container;
    throw new UnavailableError(`${error.message}. No Docker daemon answers either.`, { cause: error });
  }
}

async function startLocally(name: ServerName, dir: string): Promise<SourcedServer> {
  const { address, stop } = await starters[name](dir);
  return { address, stop, runSql: (statement) => psql(address, statement) };
}

const starters = {
  kafka: async (dir: string) => {
    const { bootstrapServers, stop } = await startKafka({ dir, ephemeral: true });
    return { address: bootstrapServers.join(','), stop };
  },
  redis: async (dir: string) => {
    const { url, stop } = await startRedis({ dir, ephemeral: true });
    return { address: url, stop };
  },
  postgres: async (dir: string) => {
    const { url, stop } = await startPostgres({ dir, ephemeral: true });
    return { address: url, stop };
  },
};

async function psql(url: string, statement: string): Promise<void> {
  const folder = findPostgresFolder();
  const program = findProgram('psql', folder === undefined ? [] : [folder]);
  if (program === undefined) throw new UnavailableError('psql is missing: apt-get install postgresql-client');
  await execa(program, [url, '-v', 'ON_ERROR_STOP=1', '-qc', statement]);
}
