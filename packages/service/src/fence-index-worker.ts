/** The thread of `fence-index-maker.ts`: fences come, an index goes back, one after the other. */
import { parentPort } from 'node:worker_threads';
import { FenceIndexBuilder, type FenceIndexData, type IndexedFence } from '@haulwatch/geo';

const builder = new FenceIndexBuilder();

parentPort?.on('message', (fences: readonly IndexedFence[]) => {
  parentPort?.postMessage(inSharedMemory(builder.build(fences)), []);
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
