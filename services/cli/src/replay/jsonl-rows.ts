import { parseFixText, parseTraccarText, recordBytesMax } from '@haulwatch/codec';
import type { Reject } from '@haulwatch/domain';
import type { Chunks } from './input.ts';
import { readLines } from './lines.ts';
import { rowOfFix, type ReplayRow, type ReplayRows, type SourceRecord } from './replay-row.ts';

/** A file of fixes, one JSON v1 object a line. */
export async function* readJsonLines(chunks: Chunks): ReplayRows {
  for await (const lines of readLines(chunks, recordBytesMax)) {
    yield lines.map(({ at, bytes }) => {
      if (bytes === null) return { kind: 'refused', at, reject: lineTooLong };
      const source = { key: null, value: bytes };
      return rowOfFix(at, parseFixText(bytes), () => objectIn(bytes), source);
    });
  }
}

/**
 * A file of Traccar's records, one a line: the bare `{"position":…,"device":…}`, or as a dump of its topic has them,
 * `{"key":"1","value":"{\"position\":…}"}`. Records that are no positions are passed over and told to `onPassedOver`.
 */
export async function* readTraccarLines(chunks: Chunks, onPassedOver: () => void): ReplayRows {
  for await (const lines of readLines(chunks, recordBytesMax)) {
    const rows: ReplayRow[] = [];
    for (const { at, bytes } of lines) {
      const row: ReplayRow | undefined =
        bytes === null ? { kind: 'refused', at, reject: lineTooLong } : traccarRow(at, bytes);
      if (row === undefined) onPassedOver();
      else rows.push(row);
    }
    if (rows.length > 0) yield rows;
  }
}

const lineTooLong: Reject = { reason: 'record-too-large', detail: `a line has at most ${recordBytesMax} bytes` };

function traccarRow(at: number, line: Uint8Array): ReplayRow | undefined {
  const source = recordIn(line);
  const bytes = typeof source.value === 'string' ? Buffer.from(source.value, 'utf8') : source.value;
  const parsed = parseTraccarText(bytes);
  if (parsed === 'not-a-position') return undefined;
  return rowOfFix(at, parsed, () => salvageValue(parsed, bytes), source);
}

/** The record of a line: what its `value` says where it is a dump's wrapper, else the line itself. */
function recordIn(line: Uint8Array): SourceRecord {
  const { key, value } = objectIn(line);
  return typeof value === 'string' ? { key: typeof key === 'string' ? key : null, value } : { key: null, value: line };
}

/** JSON v1 of a position whose coordinates are broken and whose emergency button is pressed: nothing else of it counts. */
function salvageValue(parsed: object, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const position = objectIn(bytes)['position'] as Readonly<Record<string, unknown>>;
  const salvage = 'salvage' in parsed ? (parsed.salvage as object) : {};
  return { ...salvage, lonDeg: position['longitude'], latDeg: position['latitude'] };
}

/** The JSON object in the bytes; an empty one where there is none, which is the parser's to say. */
function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
