import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createSimulator } from '@haulwatch/simulator';
import { startLoad } from './load-process.ts';
import { coreMeter, round } from './load-watch.ts';
import { openLiveRoad } from './real-road.ts';
import { catchUp, memory, progressOf, silences, stalls, steps } from './restart-figures.ts';
import { startProbed, type ProbedWorker } from './restart-worker.ts';

const partitions = 32;
const rowsMax = 1_000;
/** Code is compiled, every vehicle has its place and every partition has a state in the log. */
const warmUpMs = 22_000;
/** What follows one blow before the next. */
const orderlyMs = 12_000;
const killedMs = 22_000;

/**
 * What does a deployment, a scale-out or a death of ingest cost? Generator -> Kafka -> two ingest workers, each a process, open loop.
 * In turn: steady; one worker is ended in an orderly way; it comes back; it is killed (kill -9) while the other runs; the only
 * one is killed and started again at once; steady. Each worker has a probe that tells when a partition goes forward.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { vehicles: text, rate: text, seconds: text } });
  const vehicles = Number(values.vehicles ?? 198_083);
  const fixesPerS = Number(values.rate ?? 200_000);
  const steadyMs = Number(values.seconds ?? 60) * 1_000;
  await using stack = new AsyncDisposableStack();
  const road = await openLiveRoad(stack, partitions);
  await road.fleet.register(createSimulator({ seed: 1, vehicles, startMs: Date.now() }).fleet());
  const workers: ProbedWorker[] = [];
  const start = (name: string): ProbedWorker => {
    const worker = startProbed(stack, name, road.env);
    workers.push(worker);
    return worker;
  };
  const [a, b] = [start('a'), start('b')];
  await Promise.all([a.runs, b.runs]);
  const load = await startLoad(stack, { brokers: road.brokers, partitions, vehicles, rowsMax });
  const fromMs = Date.now() + 100;
  load.at({ fromMs, fixesPerS });
  await sleep(warmUpMs);
  let lateMs = 0;
  const watching = setInterval(() => (lateMs = Math.max(lateMs, load.report.lateMs)), 100);
  const meter = coreMeter({ generator: load.pid, broker: road.pids.broker, bench: process.pid });
  const marks = { steady: Date.now(), handover: 0, join: 0, kill: 0, restart: 0, alone: 0, end: 0 };
  await sleep(orderlyMs);
  marks.handover = Date.now();
  b.signal('SIGTERM');
  await Promise.all([b.gone, sleep(orderlyMs)]);
  marks.join = Date.now();
  const c = start('c');
  await Promise.all([c.runs, sleep(orderlyMs)]);
  marks.kill = Date.now();
  c.signal('SIGKILL');
  await sleep(killedMs);
  marks.restart = Date.now();
  a.signal('SIGKILL');
  await a.gone;
  const d = start('d');
  await sleep(killedMs);
  marks.alone = Date.now();
  await sleep(steadyMs);
  marks.end = Date.now();
  clearInterval(watching);
  const cores = meter.read();
  const sent = await load.finish(Date.now());
  const lines = progressOf(workers, partitions);
  return {
    vehicles,
    fixesPerS,
    sentFixesPerS: round((sent.sentFixes / (marks.end - fromMs)) * 1_000),
    refused: sent.refusedFixes,
    generatorLateMs: lateMs,
    cores,
    calmSilenceMs: round(Math.max(...silences(lines, marks.steady, marks.handover))),
    handover: catchUp(lines, marks.handover, marks.join),
    handoverSteps: steps(b, a, marks.handover, marks.join),
    handoverSilencesMs: silences(lines, marks.handover, marks.join).map((it) => round(it)),
    join: catchUp(lines, marks.join, marks.kill),
    killed: catchUp(lines, marks.kill, marks.restart),
    killedSteps: steps(c, a, marks.kill, marks.restart),
    restarted: catchUp(lines, marks.restart, marks.alone),
    restartedSteps: steps(a, d, marks.restart, marks.alone),
    stallsOfTwo: stalls(workers, marks.steady, marks.handover),
    stallsOfOne: stalls([d], marks.alone, marks.end),
    memoryMb: Object.fromEntries(workers.map(({ name, told }) => [name, memory(told)])),
  };
}
