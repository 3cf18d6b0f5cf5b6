import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  fenceProblem,
  preparePolicy,
  type FenceGrowth,
  type GrownFence,
  type ParsedPolicy,
  type Problem,
} from '@haulwatch/contract';
import type { Fence } from '@haulwatch/domain';

export type GrowLimits = {
  /** For one fence. The slowest of 500 noisy vertices that was seen took 6 s. */
  readonly fenceMs: number;
  /** For all fences of a policy: as long as somebody waits for a command to end. */
  readonly totalMs: number;
  /** The worker's heap; with less than a process has, a fence cannot take its host down. */
  readonly heapMb: number;
};

const growLimits: GrowLimits = { fenceMs: 10_000, totalMs: 60_000, heapMb: 512 };

/** The policy of a file's value under a version, its fences with a `bufferM` grown, or all that is wrong with it. */
export async function compilePolicy(
  value: unknown,
  version: number,
  limits: GrowLimits = growLimits,
): Promise<ParsedPolicy> {
  const prepared = preparePolicy(value, version);
  if (!prepared.ok || prepared.growths.length === 0) return prepared;
  const fences = [...prepared.policy.fences];
  const problems = await growInto(fences, prepared.growths, limits);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy: { ...prepared.policy, fences } };
}

/**
 * Grows fences one after the other in one worker, so that the event loop stays free and the work can be ended: turf's
 * buffer cannot be told to stop. Where a fence runs out of time the worker is ended and the rest is not tried.
 */
async function growInto(
  fences: Fence[],
  growths: readonly FenceGrowth[],
  { fenceMs, totalMs, heapMb }: GrowLimits,
): Promise<readonly Problem[]> {
  const worker = new Worker(new URL('fence-buffer-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await worker.terminate();
  });
  const total = AbortSignal.timeout(totalMs);
  const problems: Problem[] = [];
  for (const growth of growths) {
    const signal = AbortSignal.any([total, AbortSignal.timeout(fenceMs)]);
    try {
      worker.postMessage(growth, []);
      const [grown] = (await once(worker, 'message', { signal })) as [GrownFence];
      const fence = fences[growth.index];
      if (!grown.ok) problems.push(grown.problem);
      else if (fence) fences[growth.index] = { ...fence, shape: { kind: 'polygons', polygons: grown.polygons } };
    } catch (error) {
      const why = limitReached(error, signal, { total, fenceMs, totalMs, heapMb });
      if (why === undefined) throw error;
      const message = `was not grown by ${growth.bufferM} m ${why}: give it a simplifyM, or draw the grown area`;
      return [...problems, fenceProblem(growth.index, growth.fenceId, ['properties', 'bufferM'], message)];
    }
  }
  return problems;
}

function limitReached(
  error: unknown,
  signal: AbortSignal,
  { total, fenceMs, totalMs, heapMb }: GrowLimits & { readonly total: AbortSignal },
): string | undefined {
  if (total.aborted) return `in the ${totalMs} ms that all fences of a policy have`;
  if (signal.aborted) return `within ${fenceMs} ms`;
  const isHeap = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isHeap ? `in ${heapMb} MB of memory` : undefined;
}
