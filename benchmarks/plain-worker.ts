/** The thread of `plain-side.ts`: texts come, the steps of alarms go back and how long they took. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlainEngine } from './plain-engine.ts';
import type { PlainAlarm } from './plain-episode.ts';
import type { PlainTurn, PlainWorld } from './plain-side.ts';

const { policy, vehicles } = workerData as PlainWorld;
const engine = new PlainEngine(policy, vehicles);

parentPort?.on('message', (texts: readonly string[]) => {
  const steps: PlainAlarm[] = [];
  const fromMs = performance.now();
  for (const text of texts) {
    for (const step of engine.take(text)) steps.push(step);
  }
  const ms = performance.now() - fromMs;
  parentPort?.postMessage({ ms, steps, late: engine.late } satisfies PlainTurn, []);
});
