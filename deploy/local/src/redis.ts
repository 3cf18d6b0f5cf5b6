import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts, loopback } from './ports.ts';
import { findProgram } from './programs.ts';
import { ensureRequirements } from './requirements.ts';
import { ServerError } from './server-error.ts';
import { spawnServer, stopServers, waitUntilReady, type ServerProcess } from './server-process.ts';
import type { StartOptions } from './start-options.ts';

export type RunningRedis = {
  /** `redis://host:port`. */
  readonly url: string;
  readonly processes: readonly ServerProcess[];
  readonly stop: () => Promise<void>;
};

/** Loading a large append-only file takes its time. */
const readyMsMax = 60_000;
const stopMsMax = 10_000;

/** Starts redis-server on loopback, with an append-only file flushed every second; resolves when it answers PING. */
export async function startRedis(options: StartOptions & { readonly port?: number }): Promise<RunningRedis> {
  await ensureRequirements(['redis']);
  const program = findProgram('redis-server');
  if (program === undefined) throw new ServerError('redis-server has gone');
  const port = options.port ?? (await freePorts(1))[0]!;
  mkdirSync(options.dir, { recursive: true });
  const configFile = join(options.dir, 'redis.conf');
  writeFileSync(configFile, redisConfig(port, options.dir));
  const server = spawnServer(program, [configFile], {
    marker: configFile,
    logFiles: [join(options.dir, 'redis.log')],
    cwd: options.dir,
    leash: options.ephemeral === true ? 'KILL' : undefined,
  });
  options.onSpawned?.([server]);
  const stop = () => stopServers([server], options.ephemeral === true ? 'SIGKILL' : 'SIGTERM', stopMsMax);
  try {
    await waitUntilReady('Redis', [server], () => redisIsReady(port), readyMsMax);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis://${loopback}:${port}`, processes: [server], stop };
}

/** redis.io/docs/latest/operate/oss_and_stack/management/config; quoted, as a folder may have spaces. */
function redisConfig(port: number, dir: string): string {
  return `bind ${loopback}
port ${port}
daemonize no
dir "${dir}"
appendonly yes
appendfsync everysec
save ""
# The command line must go on naming this file: it tells our process from others.
set-proc-title no
`;
}

/** True when the server answers PING: not while it loads its data. */
export function redisIsReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port });
    const end = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => end(reply.toString().startsWith('+PONG')));
  });
}
