import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { say, SetupError } from './bootstrap/progress.mjs';
import { serversDown, serversLogs, serversStatus, serversUp, type LocalServersOptions } from './src/local-servers.ts';
import { ignoredDir } from './src/paths.ts';
import { serverNames, type ServerName } from './src/requirements.ts';
import { ServerError } from './src/server-error.ts';

const usage = `usage: npm run servers -- up|down|status|logs [kafka] [redis] [postgres] [options]   (default: all three)
  --brokers N          Kafka brokers, 1 or 3 (default 1)
  --kafka-port N       port of the first broker (default 9092; three take 9092-9094)
  --redis-port N       default 6379
  --postgres-port N    default 5432
  --data DIR           data, logs and pids (default .haulwatch/servers)
up prints the lines of the environment that services read; status ends with 1 when a server is not ready.`;

const options = {
  brokers: { type: 'string' },
  'kafka-port': { type: 'string' },
  'redis-port': { type: 'string' },
  'postgres-port': { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.help === true) return console.log(usage);
  const names = rest.length === 0 ? serverNames : rest.map(parseServerName);
  const settings: LocalServersOptions = {
    dataDir: values.data === undefined ? join(ignoredDir, 'servers') : resolve(values.data),
    brokers: parseNumber('--brokers', values.brokers, (count) => count === 1 || count === 3),
    kafkaPort: parseNumber('--kafka-port', values['kafka-port'], isPort),
    redisPort: parseNumber('--redis-port', values['redis-port'], isPort),
    postgresPort: parseNumber('--postgres-port', values['postgres-port'], isPort),
  };
  switch (command ?? '') {
    case 'up':
      return console.log((await serversUp(names, settings)).join('\n'));
    case 'down':
      return serversDown(names, settings.dataDir);
    case 'status':
      return printStatus(names, settings.dataDir);
    case 'logs':
      return console.log(serversLogs(names, settings.dataDir).join('\n') || 'no server was started');
    default:
      throw new ServerError(usage);
  }
}

async function printStatus(names: readonly ServerName[], dataDir: string): Promise<void> {
  const statuses = await serversStatus(names, dataDir);
  for (const { name, health, address, pids } of statuses) {
    console.log(
      `${name.padEnd(9)} ${health.padEnd(10)} ${address}${pids.length > 0 ? `  (pid ${pids.join(', ')})` : ''}`,
    );
  }
  if (statuses.some(({ health }) => health !== 'ready')) process.exitCode = 1;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ServerError(`${(error as Error).message}\n${usage}`, { cause: error });
  }
}

function parseServerName(name: string): ServerName {
  const known = serverNames.find((server) => server === name);
  if (known === undefined) throw new ServerError(`there is no server "${name}"\n${usage}`);
  return known;
}

function parseNumber(
  option: string,
  text: string | undefined,
  isValid: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!isValid(value)) throw new ServerError(`${option} ${text} is not possible\n${usage}`);
  return value;
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1024 && value <= 65_500;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ServerError || error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
