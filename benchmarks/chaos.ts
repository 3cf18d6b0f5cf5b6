import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { removePostgres } from '@haulwatch/local';
import { allFaultKinds, faultLine, planFaults, type FaultKind } from './chaos-plan.ts';
import { gatherEvidence, NotDrainedError, runChaos, say, type Books } from './chaos-run.ts';
import { startServers } from './chaos-servers.ts';
import { runStandalone } from './chaos-standalone.ts';
import { differingBooks, historyOf, judge, type Evidence, type FindingKind, type Verdict } from './chaos-verdict.ts';
import { ChaosWatch } from './chaos-watch.ts';
import { ChaosWorkers, type SelfEnd } from './chaos-workers.ts';
import { openWorld, partitions } from './chaos-world.ts';

/** Findings that are told in full; the rest is counted. */
const toldMax = 10;
/** A worker is up within seconds; the machine may be busy. */
const upMsMax = 60_000;
/** Beyond the minutes that were asked for: to start, to drain, to compare and to end. */
const overtimeMsMax = 220_000;

type Options = {
  readonly minutes: number;
  readonly seed: number;
  readonly vehicles: number;
  readonly periodMs: number;
  /** The faults to choose from. */
  readonly only: readonly FaultKind[];
  /** One process with its data folder, killed so many times, in place of servers and workers. */
  readonly standalone: boolean;
  readonly kills: number;
  /** What the processes said is kept also where all is well. */
  readonly keep: boolean;
  /** A mistake that is built into a worker, to see whether it is found; see chaos-bugs.ts. */
  readonly bug: keyof typeof buggedRoles | undefined;
};

/** The worker that each mistake is built into. */
const buggedRoles = { 'early-ack': 'ingest', 'old-snapshot': 'ingest', 'unchecked-seq': 'alerts' } as const;
const bugs = Object.keys(buggedRoles) as (keyof typeof buggedRoles)[];

/**
 * Kafka, Redis, PostgreSQL and the services as processes of this machine, a fleet that goes on reporting, and everything that can
 * break breaks: is any alarm lost, told twice or changed in the log, in Redis or in PostgreSQL, held to a calm run over the same
 * input? The last line is RESULT {json}; the exit code is 1 where the answer is yes.
 */
async function main(): Promise<void> {
  const options = readOptions();
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-chaos-'));
  const logDir = join(dir, 'workers');
  await mkdir(logDir);
  let isGood = false;
  setTimeout(giveUp, options.minutes * 60_000 + overtimeMsMax).unref();
  try {
    isGood = await (options.standalone ? chaosStandalone(options, dir, logDir) : chaos(options, dir, logDir));
  } catch (error) {
    // The road stands still, which is the worst answer of all, and no mistake of the harness.
    if (!(error instanceof NotDrainedError)) throw error;
    process.stderr.write(`${error.message}\n`);
  } finally {
    removePostgres(join(dir, 'data', 'postgres'));
    await rm(join(dir, 'data'), { recursive: true, force: true });
    if (!isGood) process.exitCode = 1;
    if (isGood && !options.keep) await rm(dir, { recursive: true, force: true });
    else process.stderr.write(`what each process said is in ${logDir}\n`);
  }
}

/** Something does not come to its end: what the process waits for is all that can be said. */
function giveUp(): void {
  process.stderr.write(`not at the end yet; the process waits for ${process.getActiveResourcesInfo().join(', ')}\n`);
  process.exit(1);
}

async function chaos(options: Options, dir: string, logDir: string): Promise<boolean> {
  const plan = planFaults(options.minutes, options.seed, options.only);
  process.stderr.write(`seed ${options.seed}, ${plan.length} faults:\n${plan.map(faultLine).join('\n')}\n`);
  await using stack = new AsyncDisposableStack();
  const servers = await startServers(stack, join(dir, 'data'));
  const world = await openWorld(stack, servers, options);
  const { bug } = options;
  const entries = bug === undefined ? {} : { [buggedRoles[bug]]: 'benchmarks/chaos-bugs.ts' };
  const env = bug === undefined ? world.env : { ...world.env, CHAOS_BUG: bug };
  const workers = new ChaosWorkers({ env, entries, logDir });
  stack.defer(() => workers.stopAll());
  for (const role of ['ingest', 'ingest', 'alerts', 'alerts', 'history', 'history', 'api'] as const) workers.add(role);
  const watch = new ChaosWatch(world, partitions, () => workers.of('api')[0]?.address);
  await watch.start(stack);
  say('servers run, workers start');
  await allUp(workers);
  say('workers run');
  const forMs = options.minutes * 60_000;
  const report = await runChaos(world, { servers, workers }, watch, { plan, forMs, seed: options.seed });
  const evidence = await gatherEvidence(world, report.newsSinceMs);
  say('all is read');
  const verdict = judge(evidence);
  tell(verdict, evidence, workers.selfEnds);
  for (const fault of report.unrecovered) process.stderr.write(`not seen to recover while input came: ${fault}\n`);
  const books = tellBooks(evidence.books);
  const result = {
    faults: Object.fromEntries(report.injected),
    fixes: evidence.books.calm.fixes,
    alarms: verdict.alarms,
    steps: verdict.steps,
    repeats: verdict.repeats,
    retold: verdict.retold,
    crowds: verdict.crowds,
    ...countsOf(verdict),
    differingBooks: books,
    selfEnds: workers.selfEnds.length,
    longestSilenceMs: Math.round(report.longestSilenceMs),
    recoveryMs: spreads(report.recoveries),
  };
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  return verdict.findings.length === 0 && books === 0;
}

/** The same question of the process that is everything in one. */
async function chaosStandalone(options: Options, dir: string, logDir: string): Promise<boolean> {
  const report = await runStandalone(options, dir, join(logDir, 'standalone.log'));
  const verdict = judge(report.evidence);
  tell(verdict, report.evidence, []);
  const { kills, acknowledged, missing } = report;
  const books = tellBooks(report.books);
  if (missing > 0) process.stderr.write(`${missing} fixes were acknowledged and are not in the log\n`);
  const result = {
    faults: { kill: kills },
    acknowledged,
    missing,
    alarms: verdict.alarms,
    steps: verdict.steps,
    repeats: verdict.repeats,
    retold: verdict.retold,
    ...countsOf(verdict),
    differingBooks: books,
    recoveryMs: spreads(new Map([['kill', report.recoveryMs]])),
  };
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  return verdict.findings.length === 0 && missing === 0 && books === 0;
}

function readOptions(): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      minutes: text,
      seed: text,
      vehicles: text,
      'period-ms': text,
      only: text,
      bug: text,
      kills: text,
      keep: { type: 'boolean' },
      standalone: { type: 'boolean' },
    },
  });
  const standalone = values.standalone === true;
  return {
    standalone,
    kills: Number(values.kills ?? 20),
    minutes: Number(values.minutes ?? 3),
    seed: Number(values.seed ?? 1),
    // The embedded database is one session of one process.
    vehicles: Number(values.vehicles ?? (standalone ? 3_000 : 20_000)),
    periodMs: Number(values['period-ms'] ?? 10_000),
    only: values.only?.split(',').map((name) => oneOf('--only', allFaultKinds, name)) ?? allFaultKinds,
    keep: values.keep === true,
    bug: values.bug === undefined ? undefined : oneOf('--bug', bugs, values.bug),
  };
}

function oneOf<Name extends string>(option: string, names: readonly Name[], name: string): Name {
  const found = names.find((one) => one === name);
  if (found === undefined) throw new RangeError(`${option} knows ${names.join(', ')}, not ${name}`);
  return found;
}

async function allUp(workers: ChaosWorkers): Promise<void> {
  const all = (['ingest', 'alerts', 'history', 'api'] as const).flatMap((role) => workers.of(role));
  const up = Promise.all(all.map((worker) => worker.up())).then(() => true);
  if (await Promise.race([up, sleep(upMsMax, false, { ref: false })])) return;
  const missing = all.filter(({ isUp }) => !isUp).map(({ name }) => name);
  throw new Error(`not up within ${upMsMax / 1_000} s: ${missing.join(', ')}`);
}

function countsOf({ findings }: Verdict): Record<FindingKind, number> {
  const count = (kind: FindingKind): number => findings.filter((it) => it.kind === kind).length;
  return { lost: count('lost'), doubled: count('doubled'), differing: count('differing') };
}

/** What was found, with the history of the first alarms that it was found of; and which processes gave up by themselves. */
function tell({ findings }: Verdict, evidence: Evidence, selfEnds: readonly SelfEnd[]): void {
  for (const { worker, atMs, code, said } of selfEnds) {
    process.stderr.write(`${new Date(atMs).toISOString()} ${worker} ended by itself with ${code}: ${said}\n`);
  }
  for (const { kind, what } of findings.slice(0, 10 * toldMax)) process.stderr.write(`${kind}: ${what}\n`);
  const alarmIds = new Set(findings.map(({ alarmId }) => alarmId));
  for (const alarmId of [...alarmIds].slice(0, toldMax)) process.stderr.write(`${historyOf(alarmId, evidence)}\n`);
}

function tellBooks({ calm, committed }: Books): number {
  const lines = differingBooks(calm, committed);
  for (const line of lines) process.stderr.write(`books: ${line}\n`);
  return lines.length;
}

function spreads(
  recoveries: ReadonlyMap<string, readonly number[]>,
): Record<string, { readonly median: number; readonly max: number }> {
  const rows = [...recoveries].map(([kind, tookMs]) => {
    const sorted = tookMs.toSorted((a, b) => a - b);
    return [kind, { median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! }] as const;
  });
  return Object.fromEntries(rows);
}

await main();
