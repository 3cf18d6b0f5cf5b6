import type { Chunks } from './input.ts';
import type { ReplayRow, ReplayRows } from './replay-row.ts';

/** The bytes of a file in pieces of `size`, as a slow disk or a pipe may give them. */
export async function* inPieces(file: string | Uint8Array, size = 7): Chunks {
  const bytes = Buffer.from(file);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

export async function allRows(rows: ReplayRows): Promise<ReplayRow[]> {
  const all: ReplayRow[] = [];
  for await (const some of rows) all.push(...some);
  return all;
}

/** "3: record truck-1" and "4: field-type": what a table of tests compares. */
export function told(row: ReplayRow): string {
  if (row.kind === 'record') return `${row.at}: ${row.buttonOnly ? 'button of' : 'record'} ${row.vehicleId}`;
  return row.kind === 'frame' ? `${row.at}: frame of ${row.count}` : `${row.at}: ${row.reject.reason}`;
}
