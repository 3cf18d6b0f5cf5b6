/** The thread of `fence-index-maker.ts`: fences come, an index goes back, one after the other. */
import { parentPort } from 'node:worker_threads';
import type { FenceIndexOrder } from './fence-index-maker.ts';
import { FenceIndexBuilder, type FenceIndexData, type IndexedFence } from '@haulwatch/geo';

const builder = new FenceIndexBuilder();

let fences: IndexedFence[] = [];

parentPort?.on('message', (order: FenceIndexOrder) => {
  if (order !== 'build') {
    for (const fence of order.fences) fences.push(fence);
    return;
  }
  const data = builder.build(fences);
  fences = [];
  parentPort?.postMessage(inSharedMemory(data), []);
});

/** The large arrays in memory that both threads see: handing over tens of megabytes copies nothing on the other side. */
function inSharedMemory(data: FenceIndexData): FenceIndexData {
  const { tree } = data;
  return {
    ...data,
    tree: {
      ...tree,
      roots: shared(tree.roots),
      cells: shared(tree.cells),
      setStarts: shared(tree.setStarts),
      setSlots: shared(tree.setSlots),
      setPrints: shared(tree.setPrints),
    },
  };
}

function shared(words: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(words.byteLength));
  copy.set(words);
  return copy;
}
