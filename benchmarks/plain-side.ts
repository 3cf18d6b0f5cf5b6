import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Policy, Vehicle } from '@haulwatch/domain';
import type { PlainAlarm } from './plain-episode.ts';

/** What the thread is made with. */
export type PlainWorld = { readonly policy: Policy; readonly vehicles: readonly Vehicle[] };

/** Its answer to a tick's texts. */
export type PlainTurn = { readonly ms: number; readonly steps: readonly PlainAlarm[]; readonly late: number };

/**
 * A `PlainEngine` in a thread of its own: its hundreds of megabytes of objects are collected in its own time, not while
 * another engine is on the clock (measured 2026-12: every ninth second of our engine took twice as long). The engines still
 * take turns: whoever asks waits for the answer.
 */
export class PlainSide implements AsyncDisposable {
  readonly #worker: Worker;

  constructor(world: PlainWorld) {
    this.#worker = new Worker(new URL('plain-worker.ts', import.meta.url), { workerData: world });
  }

  /** Rejects where the engine threw. */
  async take(texts: readonly string[]): Promise<PlainTurn> {
    this.#worker.postMessage(texts, []);
    const [turn] = (await once(this.#worker, 'message')) as [PlainTurn];
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
