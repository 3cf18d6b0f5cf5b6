import { setTimeout as sleep } from 'node:timers/promises';
import { AlertsMetrics, exportAlertsMetrics, startAlerts, type Alerts } from '@haulwatch/alerts';
import { buildApi } from '@haulwatch/api';
import {
  topicsWithPrefix,
  vehicleClasses,
  type Fence,
  type Policy,
  type TopicNames,
  type VehicleClass,
} from '@haulwatch/domain';
import { openMemoryStore, openSqliteLog, pgliteDialect } from '@haulwatch/embedded';
import { exportHistoryMetrics, startHistory, type HistoryService } from '@haulwatch/history';
import { exportIngestMetrics, ingestDefaults, IngestMetrics, startIngest, type Ingest } from '@haulwatch/ingest';
import type { Log } from '@haulwatch/ports';
import { openHistory } from '@haulwatch/postgres';
import {
  createRegistry,
  listen,
  openFleetRegistry,
  openPolicyRegistry,
  topicSpecs,
  type PolicyRegistry,
  type Running,
  type ServiceContext,
} from '@haulwatch/service';
import { createSimulator, demoZones } from '@haulwatch/simulator';
import { clearDataDir, prepareDataDir, type DataDir } from './data-dir.ts';
import { demoPolicyFile, demoPolicyName } from './demo-policy.ts';
import type { StandaloneOptions } from './options.ts';
import { resultLine } from './result.ts';
import { startSimulatorFeed, type SimulatorFeed } from './simulator-feed.ts';

/** One process has no use for more: a partition is one engine, and they run one after the other. */
const partitions = 4;

/** Files of the repository that standalone needs beside its code. */
export type StandaloneFiles = { readonly policyFile: string; readonly pageDir: string };

/**
 * Starts every service in this process, over the embedded log, store and database. Ends by itself after
 * `options.seconds`, with the line RESULT on standard output.
 */
export async function startStandalone(
  options: StandaloneOptions,
  files: StandaloneFiles,
  { log: logger, signal, stack }: ServiceContext,
): Promise<Running> {
  const topics = topicsWithPrefix('');
  const dirs = await prepareDataDir(options.data);
  const log = await openLog(dirs, options.fresh);
  stack.defer(() => log.close());
  await log.ensureTopics(topicSpecs(topics, partitions));
  const store = openMemoryStore();
  stack.defer(() => store.close());
  const history = openHistory({ dialect: pgliteDialect(dirs.database) });
  stack.defer(() => history.close());
  await history.migrate();

  const unreadable = (topic: string) => (reject: { readonly detail: string }, offset: number) =>
    logger.warn({ topic, offset, detail: reject.detail }, 'record not understood');
  let ingest: Ingest | undefined;
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet, unreadable(topics.fleet)));
  const policies = stack.use(
    await openPolicyRegistry(log, topics.policies, {
      onActive: (policy) => ingest?.setPolicy(policy),
      onReject: unreadable(topics.policies),
      onAmended: (detail, offset) =>
        logger.warn({ topic: topics.policies, offset, detail }, 'policy not obeyed as written'),
    }),
  );
  const zones = options.simulator ? demoZones(options.seed) : [];
  await publishDemoPolicy(policies, files.policyFile, zones);

  const registry = createRegistry();
  const ingestMetrics = new IngestMetrics();
  const alertsMetrics = new AlertsMetrics();
  const historyMetrics = { steps: 0, unreadable: 0, lagRecords: 0 };
  exportIngestMetrics(ingestMetrics, registry);
  exportAlertsMetrics(alertsMetrics, registry);
  exportHistoryMetrics(historyMetrics, registry);
  const shared = { log, topics, logger, signal, nowMs: Date.now };
  const alerts = await startAlerts({ ...shared, store, policy: () => policies.active(), metrics: alertsMetrics });
  stack.defer(() => alerts.close());
  const historian = await startHistory({ ...shared, history, metrics: historyMetrics });
  stack.defer(() => historian.close());
  ingest = await startIngest(
    { ...shared, fleet: fleet.fleet, policy: policies.active()!, lastFixes: store, metrics: ingestMetrics },
    ingestDefaults,
  );
  const running = ingest;
  stack.defer(() => running.close());
  // One that came into force meanwhile.
  running.setPolicy(policies.active()!);

  const api = await buildApi({
    ...shared,
    live: store,
    history,
    fleet,
    policies,
    registry,
    publicDir: files.pageDir,
  });
  stack.defer(() => api.close());
  const address = await listen(api, { host: '127.0.0.1', port: options.port, setting: '--port' });
  const ended: Promise<unknown>[] = [alerts.failed, historian.failed, running.failed];

  let feed: SimulatorFeed | undefined;
  if (options.simulator) {
    const { fences, overspeed } = policies.active()!;
    const simulator = createSimulator({
      seed: options.seed,
      vehicles: options.vehicles,
      startMs: Date.now(),
      zones: fences,
      limitsKph: mapLimits(overspeed.limitsKph),
    });
    await fleet.register(simulator.fleet());
    feed = startSimulatorFeed(simulator, fleet.fleet, log, topics.telemetry, partitions);
    const started = feed;
    stack.defer(() => started.close());
    ended.push(feed.failed);
  }
  greet(address, options);
  if (options.seconds !== undefined) {
    const finish = async (): Promise<void> => {
      await sleep(options.seconds! * 1_000, undefined, { signal });
      await feed?.close();
      await settled(log, topics, { ingest: running, alerts, historian }, signal);
      const { counters } = ingestMetrics;
      process.stdout.write(
        `${resultLine(counters, alertsMetrics.openAlarms, alertsMetrics.latency.quantileMs(0.99))}\n`,
      );
    };
    ended.push(finish());
  }
  return { until: Promise.race(ended) };
}

/** Opens the log; `fresh` first deletes what former runs left, but never under another Haulwatch that runs on it. */
async function openLog(dirs: DataDir, fresh: boolean): Promise<Log> {
  const log = await openSqliteLog({ dir: dirs.log });
  if (!fresh) return log;
  await log.close();
  await clearDataDir(dirs);
  return await openSqliteLog({ dir: dirs.log });
}

/** Puts the demo's policy in force, unless somebody has published one of their own. */
async function publishDemoPolicy(policies: PolicyRegistry, policyFile: string, zones: readonly Fence[]): Promise<void> {
  const active = policies.active();
  if (active !== undefined && active.name !== demoPolicyName) return;
  const outcome = await policies.publish(await demoPolicyFile(policyFile, zones));
  if (!outcome.ok) throw new Error(`${policyFile} is not a good policy: ${JSON.stringify(outcome.problems)}`);
}

/** Resolves when everything that was written has gone all the way to the live store and the history. */
async function settled(
  log: Log,
  topics: TopicNames,
  parts: { readonly ingest: Ingest; readonly alerts: Alerts; readonly historian: HistoryService },
  signal: AbortSignal,
): Promise<void> {
  const ends = await log.endOffsets(topics.telemetry);
  const behind = (): boolean => {
    const positions = parts.ingest.positions();
    return ends.some((end, partition) => (positions.get(partition) ?? 0) < end);
  };
  while (behind()) {
    await sleep(20, undefined, { signal });
  }
  await parts.ingest.checkpointAll();
  const [alarmEnd = 0] = await log.endOffsets(topics.alarmLog);
  while (parts.alerts.position() < alarmEnd - 1 || parts.historian.position() < alarmEnd - 1) {
    await sleep(20, undefined, { signal });
  }
}

function mapLimits(limits: Policy['overspeed']['limitsKph']): Record<VehicleClass, number> {
  return Object.fromEntries(vehicleClasses.map((name) => [name, limits[name].value])) as Record<VehicleClass, number>;
}

function greet(address: string, options: StandaloneOptions): void {
  const source = options.simulator
    ? `${options.vehicles} simulated vehicles, seed ${options.seed}`
    : 'no simulator: send fixes to POST /v1/fixes, or `npm run -s haulwatch -- replay FILE --to ' + address + '`';
  process.stdout.write(
    `Haulwatch watches: ${address}\n  ${source}\n  data in ${options.data}\n  bound to loopback alone, for there is no sign-in yet; Ctrl-C ends\n`,
  );
}
