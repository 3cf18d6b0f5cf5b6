import type { EngineCounters } from '@haulwatch/domain';
import { episodeAt, episodeWords } from '@haulwatch/rules';
import type { FenceLabel } from './labels.ts';
import type { LaneRun } from './lane-run.ts';
import { laneBytes, wordAt, type Lanes } from './lanes.ts';

/** The engine's state as it is stored: a header of JSON text, then the lanes and the episodes byte for byte. */
export type EngineSnapshot = { readonly header: string; readonly columns: Uint8Array };

/** Grows whenever the records or the header change their meaning. */
const snapshotVersion = 4;

/** From when to when the newest emergency of a vehicle lasted, by dense index. */
export type Presses = Map<number, { readonly fromMs: number; readonly toMs: number }>;

export type EngineState = {
  readonly live: Lanes;
  readonly late: Lanes;
  /** Holds the lanes' episodes and what their fences are called. */
  readonly run: Pick<LaneRun, 'episodes' | 'labels'>;
  readonly presses: Presses;
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
  readonly liveEpisodes: number;
  readonly lateEpisodes: number;
  /** Vehicle, first and newest press, ascending by vehicle. */
  readonly presses: readonly (readonly [number, number, number])[];
  /** What the labels in the episodes stand for. */
  readonly labels: readonly FenceLabel[];
};

/** A snapshot cannot be used: it must not be taken for an empty state. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code = 'snapshot-unusable';
}

export function packState(state: EngineState): EngineSnapshot {
  const labels = new PackedLabels(state.run.labels);
  const liveEpisodes = packEpisodes(state.live, state.run, labels);
  const lateEpisodes = packEpisodes(state.late, state.run, labels);
  const header: Header = {
    version: snapshotVersion,
    policyVersion: state.policyVersion,
    timeMs: Number.isFinite(state.timeMs) ? state.timeMs : null,
    counters: state.counters,
    vehicleIds: state.vehicleIds,
    liveCount: state.live.count,
    lateCount: state.late.count,
    liveEpisodes: liveEpisodes.length / packedWords,
    lateEpisodes: lateEpisodes.length / packedWords,
    presses: [...state.presses]
      .map(([vehicle, { fromMs, toMs }]) => [vehicle, fromMs, toMs] as const)
      .sort(([a], [b]) => a - b),
    labels: labels.list,
  };
  const pieces = [state.live.pack(), state.late.pack(), bytesOf(liveEpisodes), bytesOf(lateEpisodes)];
  const columns = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    columns.set(piece, end);
    end += piece.byteLength;
  }
  return { header: JSON.stringify(header), columns };
}

/** Fills empty tables, an empty run and empty presses from a snapshot and returns the rest of the state. */
export function unpackState(
  snapshot: EngineSnapshot,
  { live, late, run, presses }: Pick<EngineState, 'live' | 'late' | 'run' | 'presses'>,
): Pick<EngineState, 'counters' | 'timeMs' | 'vehicleIds'> {
  const header = JSON.parse(snapshot.header) as Header;
  if (header.version !== snapshotVersion) {
    throw new SnapshotError(`the snapshot has version ${header.version}, this engine reads version ${snapshotVersion}`);
  }
  const { liveCount, lateCount, liveEpisodes, lateEpisodes } = header;
  const { columns } = snapshot;
  const expected = (liveCount + lateCount) * laneBytes + (liveEpisodes + lateEpisodes) * packedWords * 8;
  if (columns.byteLength !== expected || header.vehicleIds.length !== liveCount) {
    throw new SnapshotError(`the snapshot holds ${columns.byteLength} bytes where ${expected} are expected`);
  }
  const lateFrom = liveCount * laneBytes;
  const episodesFrom = lateFrom + lateCount * laneBytes;
  live.unpack(columns.subarray(0, lateFrom));
  late.unpack(columns.subarray(lateFrom, episodesFrom));
  const episodes = new Float64Array(columns.slice(episodesFrom).buffer);
  const labels = header.labels.map((label) => run.labels.put(label));
  unpackEpisodes(episodes.subarray(0, liveEpisodes * packedWords), live, run, labels);
  unpackEpisodes(episodes.subarray(liveEpisodes * packedWords), late, run, labels);
  for (const [vehicle, fromMs, toMs] of header.presses) presses.set(vehicle, { fromMs, toMs });
  return { counters: header.counters, timeMs: header.timeMs ?? -Infinity, vehicleIds: header.vehicleIds };
}

/** An episode in a snapshot: the row of its lane, then its words. */
const packedWords = 1 + episodeWords;
/** Words of an episode that hold labels: those from 0 on are, the others say something else. */
const labelWords = [episodeAt.fence, episodeAt.limitSource, episodeAt.peakLimitSource];

/** Labels numbered as the snapshot needs them, so that equal states make equal bytes. */
class PackedLabels {
  readonly list: FenceLabel[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #labels: LaneRun['labels'];

  constructor(labels: LaneRun['labels']) {
    this.#labels = labels;
  }

  numberOf(label: number): number {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    const number = this.list.push(this.#labels.fence(label)) - 1;
    this.#numbers.set(label, number);
    return number;
  }
}

function packEpisodes(lanes: Lanes, { episodes }: EngineState['run'], labels: PackedLabels): Float64Array {
  const packed: number[] = [];
  for (let row = 0; row < lanes.count; row += 1) {
    for (let episode = lanes.getWord(row, wordAt.firstEpisode); episode >= 0; episode = episodes.next(episode)) {
      const from = packed.push(row);
      for (let i = 0; i < episodeWords; i += 1) packed.push(episodes.data[episode * episodeWords + i]!);
      for (const word of labelWords) {
        if (packed[from + word]! >= 0) packed[from + word] = labels.numberOf(packed[from + word]!);
      }
    }
  }
  return Float64Array.from(packed);
}

function unpackEpisodes(
  packed: Float64Array,
  lanes: Lanes,
  { episodes }: EngineState['run'],
  labels: readonly number[],
): void {
  for (let from = 0; from < packed.length; from += packedWords) {
    const episode = episodes.add(lanes, packed[from]!);
    const at = episode * episodeWords;
    episodes.data.set(packed.subarray(from + 1, from + packedWords), at);
    for (const word of labelWords) {
      if (episodes.data[at + word]! >= 0) episodes.data[at + word] = labels[episodes.data[at + word]!]!;
    }
  }
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
