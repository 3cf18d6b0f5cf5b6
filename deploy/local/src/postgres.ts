import { chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { freePorts, loopback } from './ports.ts';
import { findPostgresFolder } from './programs.ts';
import { ensureRequirements } from './requirements.ts';
import { ServerError } from './server-error.ts';
import { spawnServer, stopServers, waitUntilReady, type ServerProcess } from './server-process.ts';
import type { StartOptions } from './start-options.ts';

export type RunningPostgres = {
  /** `postgres://user@host:port/haulwatch`: the superuser; anybody on this machine may connect. */
  readonly url: string;
  readonly processes: readonly ServerProcess[];
  readonly stop: () => Promise<void>;
};

/** Recovery after a kill replays the write-ahead log first. */
const readyMsMax = 60_000;
const stopMsMax = 20_000;
const superuser = 'postgres';
const database = 'haulwatch';

/** A crash loses at most the data of one test run, and nobody waits for the disk. */
const ephemeralSettings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Starts PostgreSQL on loopback, with an empty database `haulwatch` the first time; resolves when it takes queries. */
export async function startPostgres(options: StartOptions & { readonly port?: number }): Promise<RunningPostgres> {
  await ensureRequirements(['postgres']);
  const programs = findPostgresFolder();
  if (programs === undefined) throw new ServerError('PostgreSQL has gone');
  const port = options.port ?? (await freePorts(1))[0]!;
  mkdirSync(options.dir, { recursive: true });
  const user = await userForPostgres();
  const dataDir = await ensureCluster(programs, options.dir, user);
  const ephemeral = options.ephemeral === true;
  // No Unix socket: two servers would meet in /var/run/postgresql, and a path of ours may be longer than the 107 allowed.
  const settings = [
    `listen_addresses=${loopback}`,
    `port=${port}`,
    'unix_socket_directories=',
    ...(ephemeral ? ephemeralSettings : []),
  ];
  const server = spawnServer(
    join(programs, 'postgres'),
    ['-D', dataDir, ...settings.flatMap((setting) => ['-c', setting])],
    {
      marker: dataDir,
      logFiles: [join(options.dir, 'postgres.log')],
      cwd: '/',
      user,
      leash: ephemeral ? 'QUIT' : undefined,
    },
  );
  options.onSpawned?.([server]);
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
  const stop = () => stopServers([server], ephemeral ? 'SIGQUIT' : 'SIGINT', stopMsMax);
  try {
    await waitUntilReady('PostgreSQL', [server], () => postgresIsReady(port), readyMsMax);
    await ensureDatabase(programs, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://${superuser}@${loopback}:${port}/${database}`, processes: [server], stop };
}

/** True when the server takes queries. */
export async function postgresIsReady(port: number): Promise<boolean> {
  const folder = findPostgresFolder();
  if (folder === undefined) return false;
  const { exitCode } = await execa(join(folder, 'pg_isready'), ['-q', '-h', loopback, '-p', String(port)], {
    reject: false,
  });
  return exitCode === 0;
}

type User = { readonly uid: number; readonly gid: number };

/** PostgreSQL refuses to run as root: root lends it the user that every package of it makes. */
async function userForPostgres(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ids = await Promise.all(['-u', '-g'].map((flag) => execa('id', [flag, superuser], { reject: false })));
  const [uid = Number.NaN, gid = Number.NaN] = ids.map(({ stdout }) => Number.parseInt(stdout, 10));
  if (Number.isNaN(uid) || Number.isNaN(gid)) {
    throw new ServerError(
      `PostgreSQL does not run as root and there is no user "${superuser}": useradd --system ${superuser}, or be another user`,
    );
  }
  return { uid, gid };
}

/** Deletes everything of a stopped server, also what lies elsewhere. */
export function removePostgres(dir: string): void {
  const dataDir = join(dir, 'data');
  if (existsSync(dataDir)) rmSync(realpathSync(dataDir), { recursive: true });
  rmSync(dir, { recursive: true, force: true });
}

/** Returns the data folder; the first time it is made beside and renamed, so that it is whole when it is there. */
async function ensureCluster(programs: string, dir: string, user: User | undefined): Promise<string> {
  const dataDir = await ensureDataDir(dir, user);
  const cluster = join(dataDir, 'cluster');
  if (existsSync(cluster)) return cluster;
  const partial = join(dataDir, 'cluster.partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  if (user !== undefined) chownSync(partial, user.uid, user.gid);
  const args = ['-D', partial, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { exitCode, all } = await execa(join(programs, 'initdb'), args, {
    cwd: '/',
    all: true,
    reject: false,
    ...user,
  });
  if (exitCode !== 0) throw new ServerError(`initdb failed in ${partial}:\n${all}`);
  renameSync(partial, cluster);
  return cluster;
}

/**
 * `data` in the server's folder; where the postgres user may not enter that, as in /root, a link to a folder in
 * /var/tmp, which outlives a reboot.
 */
async function ensureDataDir(dir: string, user: User | undefined): Promise<string> {
  const dataDir = join(dir, 'data');
  if (!existsSync(dataDir)) {
    rmSync(dataDir, { force: true }); // A link to what has been cleared away.
    if (user === undefined || (await canEnter(dir, user))) {
      mkdirSync(dataDir);
    } else {
      const elsewhere = mkdtempSync('/var/tmp/haulwatch-postgres-');
      chownSync(elsewhere, user.uid, user.gid);
      symlinkSync(elsewhere, dataDir);
    }
  }
  return realpathSync(dataDir);
}

async function canEnter(dir: string, user: User): Promise<boolean> {
  return (await execa('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { cwd: '/', reject: false, ...user })).exitCode === 0;
}

async function ensureDatabase(programs: string, port: number): Promise<void> {
  const address = ['-h', loopback, '-p', String(port), '-U', superuser];
  const psql = join(programs, 'psql');
  const query = `select 1 from pg_database where datname = '${database}'`;
  const { stdout } = await execa(psql, [...address, '-d', superuser, '-Atc', query]);
  if (stdout.trim() !== '1') await execa(join(programs, 'createdb'), [...address, database]);
}
