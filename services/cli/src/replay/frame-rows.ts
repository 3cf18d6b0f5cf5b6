import { recordBytesMax } from '@haulwatch/codec';
import type { Chunks } from './input.ts';
import { rowOfFrame, type ReplayRow, type ReplayRows } from './replay-row.ts';

const lengthBytes = 4;

/**
 * A file of frames: before each frame its length, a u32, little-endian. It is the one thing that a frame does not say
 * itself, and the records of a topic written one after the other have this form.
 *
 * A length that no frame has is passed over with the bytes that it names; the end of the file inside a frame is the
 * last refused row.
 */
export async function* readFrames(chunks: Chunks): ReplayRows {
  let rest = Buffer.alloc(0);
  let skip = 0;
  let at = 0;
  for await (const chunk of chunks) {
    const passedOver = Math.min(skip, chunk.length);
    skip -= passedOver;
    const fresh = chunk.subarray(passedOver);
    rest = rest.length === 0 ? Buffer.from(fresh) : Buffer.concat([rest, fresh]);
    const rows: ReplayRow[] = [];
    let from = 0;
    while (rest.length - from >= lengthBytes) {
      const length = rest.readUInt32LE(from);
      const begin = from + lengthBytes;
      if (length > recordBytesMax) {
        at += 1;
        const detail = `${length} bytes; a frame is a record of at most ${recordBytesMax}`;
        rows.push({ kind: 'refused', at, reject: { reason: 'record-too-large', detail } });
        skip = Math.max(0, begin + length - rest.length);
        from = Math.min(rest.length, begin + length);
        continue;
      }
      if (rest.length - begin < length) break;
      at += 1;
      rows.push(rowOfFrame(at, rest.subarray(begin, begin + length)));
      from = begin + length;
    }
    rest = rest.subarray(from);
    if (rows.length > 0) yield rows;
  }
  if (rest.length === 0 && skip === 0) return;
  const detail = 'the file ends inside a frame: it was cut off, or is no file of frames (u32 length, frame, and so on)';
  yield [{ kind: 'refused', at: at + 1, reject: { reason: 'frame-truncated', detail } }];
}
