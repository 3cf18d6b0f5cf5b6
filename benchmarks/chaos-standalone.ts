import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupOf, topicsWithPrefix, type Fix } from '@haulwatch/domain';
import { openSqliteLog, pgliteDialect } from '@haulwatch/embedded';
import { freePorts } from '@haulwatch/local';
import { openHistory } from '@haulwatch/postgres';
import { openFleetRegistry, openPolicyRegistry } from '@haulwatch/service';
import { createSimulator } from '@haulwatch/simulator';
import { execa } from 'execa';
import { CalmRun, committedBooks, foldLog, readAlarmLog, readHistory } from './chaos-calm.ts';
import { chaosMess } from './chaos-input.ts';
import { NotDrainedError, type Books } from './chaos-run.ts';
import { nameOf, PatientClient, Terminals } from './chaos-terminals.ts';
import type { Evidence } from './chaos-verdict.ts';
import { Random } from './random.ts';

export type StandaloneOptions = {
  readonly minutes: number;
  readonly seed: number;
  readonly vehicles: number;
  readonly periodMs: number;
  readonly kills: number;
};

export type StandaloneReport = {
  readonly kills: number;
  /** Fixes whose requests were answered. */
  readonly acknowledged: number;
  /** Of those: how many are not in the log. */
  readonly missing: number;
  /** From a kill until the next answer, ms. */
  readonly recoveryMs: readonly number[];
  readonly evidence: Evidence;
  readonly books: Books;
};

const root = join(import.meta.dirname, '..');
const stepMs = 250;
/** After the last kill: until then everything must have gone all the way. */
const drainMsMax = 60_000;

/**
 * One process with everything in it, over its data folder: vehicles report over HTTP, and the process is killed with -9 at
 * random moments and started again. A client repeats a request until it is answered; what was answered must be in the log.
 */
export async function runStandalone(
  options: StandaloneOptions,
  dir: string,
  logFile: string,
): Promise<StandaloneReport> {
  const [port = 0] = await freePorts(1);
  const data = join(dir, 'data');
  await using stack = new AsyncDisposableStack();
  const house = new House(port, data, logFile);
  stack.defer(() => house.stop());
  await house.start();
  const { seed, vehicles, periodMs } = options;
  const simulator = createSimulator({ seed, vehicles, periodMs, startMs: Date.now(), mess: chaosMess });
  const client = new PatientClient(`http://127.0.0.1:${port}`);
  await client.put('/v1/vehicles', JSON.stringify(simulator.fleet()), 'application/json');
  const random = Random.of(seed, 23);
  const beganMs = Date.now();
  const forMs = options.minutes * 60_000;
  const killsAtMs = Array.from({ length: options.kills }, () => beganMs + random.share() * (forMs - 2_000)).toSorted(
    (a, b) => a - b,
  );
  const killing = killAll(house, client, killsAtMs);
  killing.catch(() => undefined);
  const terminals = new Terminals(simulator, seed);
  for (let atMs = beganMs; atMs < beganMs + forMs; atMs += stepMs) {
    await sleep(Math.max(0, atMs - Date.now()));
    client.post(terminals.next(Date.now()));
  }
  const recoveryMs = await killing;
  await client.drained();
  await allArrived(client);
  await house.stop();
  return { kills: killsAtMs.length, recoveryMs, ...(await evidenceOf(data, client.acknowledged)) };
}

async function killAll(house: House, client: PatientClient, killsAtMs: readonly number[]): Promise<number[]> {
  const recoveryMs: number[] = [];
  for (const atMs of killsAtMs) {
    await sleep(Math.max(0, atMs - Date.now()));
    const killedAtMs = Date.now();
    await house.kill();
    await house.start();
    await client.get('/v1/status');
    recoveryMs.push(Date.now() - killedAtMs);
  }
  return recoveryMs;
}

/** The process, on its folder. */
class House {
  readonly #port: number;
  readonly #data: string;
  readonly #logFile: string;
  #child: { readonly pid: number; readonly ended: Promise<unknown> } | undefined;

  constructor(port: number, data: string, logFile: string) {
    this.#port = port;
    this.#data = data;
    this.#logFile = logFile;
  }

  /** Resolves when it has printed its address. */
  async start(): Promise<void> {
    const args = [
      'services/standalone/src/main.ts',
      '--no-simulator',
      '--port',
      String(this.#port),
      '--data',
      this.#data,
    ];
    const tether = new URL('chaos-tether.ts', import.meta.url).href;
    const command = ['--import', tether, ...args];
    const child = execa(process.execPath, command, { cwd: root, all: true, buffer: false, reject: false, ipc: true });
    const ended = child.then(({ exitCode, signal }) => String(signal ?? exitCode));
    const file = createWriteStream(this.#logFile, { flags: 'a' });
    const up = Promise.withResolvers<void>();
    const said: string[] = [];
    createInterface({ input: child.all }).on('line', (line) => {
      file.write(`${line}\n`);
      said.push(line);
      if (said.length > 50) said.shift();
      if (line.startsWith('Haulwatch watches:')) up.resolve();
    });
    void ended.then((code) => up.reject(new Error(`standalone ended with ${code}:\n${said.join('\n')}`)));
    up.promise.catch(() => undefined);
    this.#child = { pid: child.pid!, ended };
    // It may be killed while it starts: that is an end like any other.
    await Promise.race([up.promise, ended]);
    await up.promise;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    process.kill(child.pid, signal);
    await child.ended;
  }
}

type Status = {
  readonly ingest: { readonly lagRecords: number };
  readonly alarmLog: { readonly liveLag: number; readonly historyLag: number };
};

/** Its own status is believed here: what it left is looked at afterwards. */
async function allArrived(client: PatientClient): Promise<void> {
  const deadlineMs = Date.now() + drainMsMax;
  for (;;) {
    const { ingest, alarmLog } = (await client.get('/v1/status')) as Status;
    if (ingest.lagRecords === 0 && alarmLog.liveLag === 0 && alarmLog.historyLag === 0) return;
    if (Date.now() > deadlineMs) {
      throw new NotDrainedError(
        `not everything arrived within ${drainMsMax / 1_000} s: ${JSON.stringify({ ingest, alarmLog })}`,
      );
    }
    await sleep(200);
  }
}

/** What the data folder holds when the process has ended, and a calm run over its log. */
async function evidenceOf(
  data: string,
  acknowledged: readonly string[],
): Promise<Pick<StandaloneReport, 'acknowledged' | 'missing' | 'evidence' | 'books'>> {
  await using stack = new AsyncDisposableStack();
  const topics = topicsWithPrefix('');
  const log = stack.adopt(await openSqliteLog({ dir: join(data, 'log') }), (it) => it.close());
  const { fleet } = stack.use(await openFleetRegistry(log, topics.fleet));
  const policy = stack.use(await openPolicyRegistry(log, topics.policies)).active();
  if (policy === undefined) throw new Error('the data folder has no policy');
  const history = stack.adopt(openHistory({ dialect: pgliteDialect(join(data, 'database')) }), (it) => it.close());
  const committed = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
  const ends = await log.endOffsets(topics.telemetry);
  const calm = new CalmRun(fleet, policy, ends.length);
  const written = new Set<string>();
  for (const [partition, end] of ends.entries()) {
    const taken = committed.find((it) => it.partition === partition)?.offset ?? 0;
    if (taken < end) throw new Error(`telemetry[${partition}] is committed at ${taken} of ${end}`);
    await calm.play(log, topics.telemetry, partition, end);
    for (const record of await log.read(topics.telemetry, partition, 0, end)) {
      const text = Buffer.from(record.value ?? []).toString('utf8');
      if (text.startsWith('{')) written.add(nameOf(JSON.parse(text) as Fix));
    }
  }
  const logged = await readAlarmLog(log, topics.alarmLog);
  const evidence = {
    calm: calm.steps,
    logged,
    folded: foldLog(logged),
    sinks: { postgres: await readHistory(history) },
    newsSinceMs: 0,
  };
  const missing = acknowledged.filter((name) => !written.has(name)).length;
  const books = { calm: calm.counters, committed: committedBooks(committed) };
  return { acknowledged: acknowledged.length, missing, evidence, books };
}
