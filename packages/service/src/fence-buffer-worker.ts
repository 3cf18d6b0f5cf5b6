/** The thread of `fence-buffer.ts`: a fence comes, the grown fence goes back, one after the other. */
import { parentPort } from 'node:worker_threads';
import { growFence, type FenceGrowth } from '@haulwatch/contract';

parentPort?.on('message', (growth: FenceGrowth) => {
  void growFence(growth).then((grown) => parentPort?.postMessage(grown, []));
});
