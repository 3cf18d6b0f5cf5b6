import { InvalidArgumentError, Option, Command } from 'commander';
import { addBrokerOptions, openLog, type BrokerOptions } from '../broker-options.ts';
import { UsageError } from '../cli-error.ts';
import type { Projection } from '../rebuild/fill.ts';
import { printResult, type Terminal } from '../terminal.ts';

type Flags = BrokerOptions & {
  readonly redisUrl?: string;
  readonly redisPrefix: string;
  readonly databaseUrl?: string;
  readonly patience: number;
};

/** `haulwatch rebuild redis` and `haulwatch rebuild postgres`. */
export function rebuildCommand(terminal: Terminal): Command {
  return new Command('rebuild')
    .description('empty the live store or the history, and have it filled anew from the alarm log')
    .addCommand(rebuildRedisCommand(terminal))
    .addCommand(rebuildPostgresCommand(terminal));
}

function rebuildRedisCommand(terminal: Terminal): Command {
  const command = new Command('redis')
    .summary('empty the live store, and have it filled anew from the alarm log')
    .description(
      'Empties the live store (newest positions aside) and waits until the alerts service has filled it anew from the alarm log. Live traffic goes on: what comes meanwhile comes through the log. Screens are empty until then; of the old alarms people are told those that are open.',
    )
    .addOption(new Option('--redis-url <url>', 'redis://user:password@host:port/database').env('REDIS_URL'))
    .addOption(
      new Option('--redis-prefix <text>', 'what stands before every key').env('REDIS_PREFIX').default('haulwatch:'),
    )
    .addOption(patience())
    .addHelpText(
      'after',
      '\nExample:\n  haulwatch rebuild redis --brokers 127.0.0.1:9092 --redis-url redis://127.0.0.1:6379',
    )
    .action(async (flags: Flags) => {
      const url = given(flags.redisUrl, '--redis-url', 'REDIS_URL', 'redis');
      const { openRedisStore } = await import('@haulwatch/redis');
      await using stack = new AsyncDisposableStack();
      const store = stack.adopt(await openRedisStore({ url, prefix: flags.redisPrefix }), (it) => it.close());
      await fill(terminal, flags, {
        name: 'the live store',
        service: 'alerts',
        clear: () => store.clear(),
        position: () => store.position(),
      });
    });
  return addBrokerOptions(command);
}

function rebuildPostgresCommand(terminal: Terminal): Command {
  const command = new Command('postgres')
    .summary('empty the history, and have it filled anew from the alarm log')
    .description(
      'Deletes all alarms and steps of the history in one transaction and waits until the history service has written them anew from the alarm log, which is kept for good. Live traffic goes on.',
    )
    .addOption(new Option('--database-url <url>', 'postgres://user:password@host:port/database').env('DATABASE_URL'))
    .addOption(patience())
    .addHelpText(
      'after',
      '\nExample:\n  haulwatch rebuild postgres --brokers 127.0.0.1:9092 --database-url postgres://127.0.0.1:5432/haulwatch',
    )
    .action(async (flags: Flags) => {
      const url = given(flags.databaseUrl, '--database-url', 'DATABASE_URL', 'postgres');
      const { openHistory, postgresDialect } = await import('@haulwatch/postgres');
      await using stack = new AsyncDisposableStack();
      const history = stack.adopt(openHistory({ dialect: postgresDialect(url) }), (it) => it.close());
      await fill(terminal, flags, {
        name: 'the history',
        service: 'history',
        clear: () => history.clear(),
        position: () => history.position(),
      });
    });
  return addBrokerOptions(command);
}

async function fill(terminal: Terminal, flags: Flags, projection: Omit<Projection, 'end'>): Promise<void> {
  const { rebuild } = await import('../rebuild/fill.ts');
  await using open = await openLog(flags);
  const end = async (): Promise<number> => (await open.log.endOffsets(open.topics.alarmLog))[0] ?? 0;
  const filled = await rebuild({ ...projection, end }, terminal, flags.patience * 1_000);
  terminal.say(`${projection.name} is filled: ${filled.records} records in ${filled.seconds} s`);
  printResult(terminal, filled);
}

function patience(): Option {
  return new Option('--patience <seconds>', 'how long it may stand still before that is an error')
    .argParser((text) => {
      const value = Number(text);
      if (value > 0 && value <= 86_400) return value;
      throw new InvalidArgumentError('Expected seconds, up to a day.');
    })
    .default(60);
}

function given(url: string | undefined, flag: string, variable: string, server: string): string {
  if (url !== undefined && url !== '') return url;
  throw new UsageError(
    `where is it? Say ${flag} URL, or set ${variable} (\`npm run servers -- up ${server}\` starts one)`,
  );
}
