import { LiveStoreError, type LiveBatch, type LiveWrite } from '@haulwatch/ports';

/** The most writes of one script call: some 3 ms of Redis' time, in which it serves nobody else. */
const writesPerCallMax = 500;

/**
 * Cuts a batch into batches of at most `writesMax` writes, only between log positions: each is complete up to its own
 * `upTo`, and the next one says that it comes after. So a crash between two calls leaves the state of a shorter batch,
 * never half a position. A position that alone brings more writes than `writesMax` stays whole all the same.
 * @throws LiveStoreError 'failed' for a batch that runs backwards: applied, it would lose writes in silence.
 */
export function chunksOf(batch: LiveBatch, writesMax = writesPerCallMax): LiveBatch[] {
  const chunks: LiveBatch[] = [];
  const { writes } = batch;
  assertAscending(batch);
  let after = batch.after;
  let start = 0;
  while (writes.length - start > writesMax) {
    const end = cutBefore(writes, start, start + writesMax);
    if (end === writes.length) break;
    const upTo = writes[end - 1]!.position;
    chunks.push({ after, upTo, writes: writes.slice(start, end) });
    // A batch that overlaps what is stored may end its chunks below `after`; the belief must not go back.
    after = Math.max(after, upTo);
    start = end;
  }
  chunks.push({ after, upTo: batch.upTo, writes: writes.slice(start) });
  return chunks;
}

/** Where to cut at or before `wanted`, so that the positions on both sides differ; behind it if there is no such place. */
function cutBefore(writes: readonly LiveWrite[], start: number, wanted: number): number {
  const changesAt = (at: number): boolean => writes[at - 1]!.position !== writes[at]!.position;
  for (let at = wanted; at > start; at -= 1) if (changesAt(at)) return at;
  let at = wanted + 1;
  while (at < writes.length && !changesAt(at)) at += 1;
  return at;
}

function assertAscending({ writes, upTo }: LiveBatch): void {
  let position = -1;
  let index = -1;
  for (const write of writes) {
    if (write.position < position || write.position > upTo) {
      throw broken(`a write of position ${write.position} stands behind ${Math.min(position, upTo)}`);
    }
    if (write.position > position) index = -1;
    position = write.position;
    if (write.op !== 'event') continue;
    if (write.index <= index) throw broken(`event ${write.index} of position ${position} stands behind ${index}`);
    index = write.index;
  }
}

function broken(what: string): LiveStoreError {
  return new LiveStoreError(
    'failed',
    `The batch of writes runs backwards: ${what}. Its writer has a bug; nothing was written.`,
    {
      retriable: false,
    },
  );
}
