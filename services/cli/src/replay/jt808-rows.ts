import { bytesOfHex, frameJson, Jt808Decoder, rejectOf, type Jt808Frame } from '@haulwatch/codec';
import type { Reject, VendorMapping } from '@haulwatch/domain';
import { frameTable } from './csv-fields.ts';
import { isRefused, readTable, type CsvOptions } from './csv-rows.ts';
import type { DecodedFile } from './decoded-file.ts';
import type { FrameBooks } from './frame-books.ts';
import type { Input } from './input.ts';
import { readLines } from './lines.ts';
import { rowOfFix, type ReplayRow, type ReplayRows } from './replay-row.ts';

export type HexFrameOptions = {
  /** Where the frames are a column; absent: a line is a frame. */
  readonly table?: CsvOptions;
  readonly books: FrameBooks;
  readonly decoded?: DecodedFile | undefined;
  /** What terminals say otherwise than the standard; undefined: what is known of them by default. */
  readonly vendors?: VendorMapping | undefined;
};

/** A line of frames, before anybody has looked whether it is one. */
type HexLine = {
  readonly at: number;
  readonly hex: unknown;
  readonly vehicleId?: unknown;
  readonly receivedAtMs?: unknown;
  /** The line cannot be read at all. */
  readonly refused?: Reject;
};

/** A frame has some 4 KB of hex at most; a line may hold some of them. */
const lineBytesMax = 65_536;

/**
 * A file of recorded JT/T 808 frames in hex, one or more a line, escaped, with their flags. Every location in them is a
 * row; messages without a position are none and are counted in the books.
 */
export async function* readHexFrames(input: Pick<Input, 'name' | 'chunks'>, options: HexFrameOptions): ReplayRows {
  const { table, decoded, books, vendors } = options;
  const decoder = new Jt808Decoder(vendors);
  let last = 0;
  const lines = table === undefined ? hexLines(input) : tableLines(input, table);
  for await (const some of lines) {
    const told: string[] = [];
    const rows = some.flatMap((line) => {
      last = line.at;
      return rowsOfLine(decoder, line, books, told);
    });
    await decoded?.append(told);
    if (rows.length > 0) yield rows;
  }
  const lost = decoder.end();
  await decoded?.append(lost.map((frame) => JSON.stringify({ line: last, ...frameJson(frame) })));
  if (lost.length > 0) yield lost.flatMap((frame) => rowsOfFrame(last, frame));
}

async function* hexLines({ chunks }: Pick<Input, 'chunks'>): AsyncGenerator<readonly HexLine[]> {
  const text = new TextDecoder('latin1');
  for await (const lines of readLines(chunks, lineBytesMax)) {
    yield lines.map(({ at, bytes }) =>
      bytes === null ? { at, hex: '', refused: tooLong } : { at, hex: text.decode(bytes) },
    );
  }
}

const tooLong: Reject = { reason: 'record-too-large', detail: `a line has at most ${lineBytesMax} bytes` };

async function* tableLines(
  input: Pick<Input, 'name' | 'chunks'>,
  options: CsvOptions,
): AsyncGenerator<readonly HexLine[]> {
  for await (const rows of readTable(input, options, frameTable)) {
    yield rows.map(({ at, value }) => {
      if (isRefused(value)) return { at, hex: '', refused: value.refused };
      return { at, hex: value['frame'], vehicleId: value['vehicleId'], receivedAtMs: value['receivedAtMs'] };
    });
  }
}

function rowsOfLine(decoder: Jt808Decoder, line: HexLine, books: FrameBooks, told: string[]): ReplayRow[] {
  const { at, hex, vehicleId, receivedAtMs, refused = notHex } = line;
  const bytes = typeof hex === 'string' ? bytesOfHex(hex) : undefined;
  if (bytes === undefined) {
    books.countBroken(line.refused === undefined ? 'not-hex' : refused.reason);
    told.push(JSON.stringify({ line: at, refused: refused.reason, detail: refused.detail }));
    return [{ kind: 'refused', at, reject: refused }];
  }
  const received = {
    ...(typeof vehicleId === 'string' && { vehicleId }),
    ...(typeof receivedAtMs === 'number' && { receivedAtMs }),
  };
  const frames = decoder.decode(bytes, received);
  for (const frame of frames) {
    books.count(frame);
    told.push(JSON.stringify({ line: at, ...frameJson(frame) }));
  }
  return frames.flatMap((frame) => rowsOfFrame(at, frame));
}

const notHex: Reject = { reason: 'row-broken', detail: 'not an even number of hex digits' };

function rowsOfFrame(at: number, frame: Jt808Frame): ReplayRow[] {
  switch (frame.kind) {
    case 'message':
      return frame.fixes.map(({ parsed, value }) => rowOfFix(at, parsed, () => value));
    case 'part':
      return [];
    case 'refused':
    case 'lost':
      return [{ kind: 'refused', at, reject: rejectOf(frame.refusal) }];
  }
}
