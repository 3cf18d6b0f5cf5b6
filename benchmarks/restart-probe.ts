import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { Engine } from '@haulwatch/engine';
import { PartitionWorker } from '../services/ingest/src/partition-worker.ts';
import { Restorer } from '../services/ingest/src/restorer.ts';
import type { RestartProbe } from './restart-worker.ts';

/**
 * For `node --import` before ingest's own entry: tells the benchmark by IPC when each partition was restored and moved, how
 * long each copy of a state took and how long the event loop stood. Costs a few numbers a batch.
 */
const tellEveryMs = 20;
/** The histogram's own timer: what it measures is this and the delay on top of it. */
const resolutionMs = 1;

/** The wall clock with fractions: the processes of one machine share it. */
const nowMs = (): number => performance.timeOrigin + performance.now();

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** How long the main thread has been ready to run and has waited for a core, by Linux' own books. */
function waitedMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
}

let taken: RestartProbe['taken'] = [];
let restored: RestartProbe['restored'] = [];
let captures: RestartProbe['captures'] = [];
let gcMs = 0;

// What is wrapped is called with its own object again.
/* oxlint-disable typescript/unbound-method */
const { take } = PartitionWorker.prototype;
PartitionWorker.prototype.take = function noteTake(records) {
  take.call(this, records);
  const newest = records.at(-1);
  if (newest !== undefined) taken.push([this.partition, nowMs(), newest.timestampMs]);
};

const { restore } = Restorer.prototype;
Restorer.prototype.restore = async function noteRestore(partition, committed, rules) {
  const fromMs = nowMs();
  const worker = await restore.call(this, partition, committed, rules);
  restored.push([partition, fromMs, nowMs(), worker.engine.vehicleCount]);
  return worker;
};

const { snapshot } = Engine.prototype;
Engine.prototype.snapshot = function noteSnapshot() {
  const [fromMs, cpuFromMs] = [nowMs(), threadCpuMs()];
  // The copy, its checksum and its chunks are one synchronous piece; a microtask comes right after it.
  queueMicrotask(() => captures.push([nowMs() - fromMs, threadCpuMs() - cpuFromMs]));
  return snapshot.call(this);
};
/* oxlint-enable typescript/unbound-method */

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs = Math.max(gcMs, duration);
}).observe({ entryTypes: ['gc'] });

const delays = monitorEventLoopDelay({ resolution: resolutionMs });
delays.enable();

let waitedBeforeMs = waitedMs();
setInterval(() => {
  const stallMs = delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - resolutionMs);
  delays.reset();
  const waitedNowMs = waitedMs();
  const told: RestartProbe = {
    atMs: nowMs(),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    stallMs,
    waitedMs: waitedNowMs - waitedBeforeMs,
    gcMs,
    captures,
    taken,
    restored,
  };
  waitedBeforeMs = waitedNowMs;
  [taken, restored, captures, gcMs] = [[], [], [], 0];
  if (process.connected) process.send!(told);
}, tellEveryMs).unref();
