import type { EngineCounters } from '@haulwatch/domain';
import type { Episode } from '@haulwatch/rules';
import type { Lanes } from './lanes.ts';

/** The engine's state as it is stored: a header of JSON text and the packed columns, byte for byte. */
export type EngineSnapshot = { readonly header: string; readonly columns: Uint8Array };

/** Grows whenever the columns or the header change their meaning. */
const snapshotVersion = 2;

export type EngineState = {
  readonly live: Lanes;
  readonly late: Lanes;
  readonly counters: EngineCounters;
  readonly timeMs: number;
  readonly vehicleIds: readonly string[];
  readonly policyVersion: number;
};

type Header = {
  readonly version: number;
  readonly policyVersion: number;
  /** Null: nothing was received yet. */
  readonly timeMs: number | null;
  readonly counters: EngineCounters;
  readonly vehicleIds: readonly string[];
  readonly liveCount: number;
  readonly lateCount: number;
  /** Lanes that have episodes: [row, episodes]. */
  readonly liveEpisodes: readonly (readonly [number, Episode[]])[];
  readonly lateEpisodes: readonly (readonly [number, Episode[]])[];
};

/** A snapshot cannot be used: it must not be taken for an empty state. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code = 'snapshot-unusable';
}

export function packState(state: EngineState): EngineSnapshot {
  const header: Header = {
    version: snapshotVersion,
    policyVersion: state.policyVersion,
    timeMs: Number.isFinite(state.timeMs) ? state.timeMs : null,
    counters: state.counters,
    vehicleIds: state.vehicleIds,
    liveCount: state.live.count,
    lateCount: state.late.count,
    liveEpisodes: episodesOf(state.live),
    lateEpisodes: episodesOf(state.late),
  };
  const columns = new Uint8Array(columnBytes(state.live, state.live.count) + columnBytes(state.late, state.late.count));
  const end = copyOut(state.live, columns, 0);
  copyOut(state.late, columns, end);
  return { header: JSON.stringify(header), columns };
}

/** Fills two empty tables from a snapshot and returns the rest of the state. */
export function unpackState(snapshot: EngineSnapshot, live: Lanes, late: Lanes): Omit<EngineState, 'live' | 'late'> {
  const header = JSON.parse(snapshot.header) as Header;
  if (header.version !== snapshotVersion) {
    throw new SnapshotError(`the snapshot has version ${header.version}, this engine reads version ${snapshotVersion}`);
  }
  for (let i = 0; i < header.liveCount; i += 1) live.add(i);
  for (let i = 0; i < header.lateCount; i += 1) late.add(0);
  const expected = columnBytes(live, live.count) + columnBytes(late, late.count);
  if (snapshot.columns.byteLength !== expected || header.vehicleIds.length !== header.liveCount) {
    throw new SnapshotError(`the snapshot holds ${snapshot.columns.byteLength} bytes where ${expected} are expected`);
  }
  const end = copyIn(live, snapshot.columns, 0);
  copyIn(late, snapshot.columns, end);
  for (const [row, episodes] of header.liveEpisodes) live.episodes[row] = episodes;
  for (const [row, episodes] of header.lateEpisodes) late.episodes[row] = episodes;
  return {
    counters: header.counters,
    timeMs: header.timeMs ?? -Infinity,
    vehicleIds: header.vehicleIds,
    policyVersion: header.policyVersion,
  };
}

function episodesOf(lanes: Lanes): [number, Episode[]][] {
  const rows: [number, Episode[]][] = [];
  for (let row = 0; row < lanes.count; row += 1) {
    const episodes = lanes.episodes[row];
    if (episodes !== undefined && episodes.length > 0) rows.push([row, episodes]);
  }
  return rows;
}

function columnBytes(lanes: Lanes, count: number): number {
  return lanes.columns().reduce((sum, column) => sum + count * column.perLane * column.elementBytes, 0);
}

function copyOut(lanes: Lanes, to: Uint8Array, at: number): number {
  let end = at;
  for (const column of lanes.columns()) {
    const length = lanes.count * column.perLane * column.elementBytes;
    to.set(new Uint8Array(column.data.buffer, column.data.byteOffset, length), end);
    end += length;
  }
  return end;
}

function copyIn(lanes: Lanes, from: Uint8Array, at: number): number {
  let end = at;
  for (const column of lanes.columns()) {
    const length = lanes.count * column.perLane * column.elementBytes;
    new Uint8Array(column.data.buffer, column.data.byteOffset, length).set(from.subarray(end, end + length));
    end += length;
  }
  return end;
}
