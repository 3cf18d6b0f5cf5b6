import { ruleIds, type EngineCounters } from '@haulwatch/domain';
import type { HeldFixes } from './held-fixes.ts';
import type { JudgedStretches } from './judged-stretches.ts';
import type { FenceLabel, Labels } from './labels.ts';
import { laneBytes, type Lanes } from './lanes.ts';
import type { Presses } from './presses.ts';
import { SnapshotError } from './snapshot-error.ts';
import { formerVersion, listNames, relabel, renumber, ruleNumber, widen, type LaneLists } from './snapshot-lists.ts';
import type { Storms } from './storms.ts';

/** The engine's state as it is stored: a header of JSON text, then the lanes and their lists byte for byte. */
export type EngineSnapshot = { readonly header: string; readonly columns: Uint8Array };

/** Grows whenever the records or the header change their meaning; the one before is read all the same (`widen`). */
const snapshotVersion = 10;

export type EngineState = {
  readonly live: Lanes;
  readonly late: Lanes;
  /** What the lanes have beside their records, and what their fences are called. */
  readonly lists: LaneLists;
  readonly labels: Labels;
  /** What late lanes hold, and what they have judged. */
  readonly held: HeldFixes;
  readonly judged: JudgedStretches;
  readonly presses: Presses;
  readonly storms: Storms;
  readonly counters: EngineCounters;
  readonly timeMs: number;
  /** Partition time of the newest look at silent vehicles. */
  readonly scannedAtMs: number;
  /** How many vehicles that look has found to have been heard within a day. */
  readonly heardVehicles: number;
  readonly vehicleIds: readonly string[];
  readonly policyVersion: number;
};

/** What a snapshot holds, beside numbers. */
export type EngineParts = Pick<
  EngineState,
  'live' | 'late' | 'lists' | 'labels' | 'held' | 'judged' | 'presses' | 'storms'
>;

type Header = {
  readonly version: number;
  readonly policyVersion: number;
  /** Null: nothing was received yet. */
  readonly timeMs: number | null;
  readonly scannedAtMs: number | null;
  readonly counters: EngineCounters;
  readonly vehicleIds: readonly string[];
  readonly liveCount: number;
  readonly lateCount: number;
  /** Doubles of each list, the live lanes' and the late ones'. */
  readonly lists: readonly (readonly [number, number])[];
  /** Doubles of what late lanes hold, and have judged. */
  readonly held: number;
  readonly judged: number;
  readonly heardVehicles: number;
  /** Rules by their number in episodes and tallies. */
  readonly rules: readonly string[];
  /** Vehicle, first and last press of an emergency, ascending by vehicle, then by time. */
  readonly presses: readonly (readonly [number, number, number])[];
  readonly storms: readonly PackedStorm[];
  /** What the labels in the lists and storms stand for. */
  readonly labels: readonly FenceLabel[];
};

type PackedStorm = {
  readonly rule: string;
  readonly label: number;
  readonly isOn: boolean;
  /** Vehicle and when it has raised it last, oldest first. */
  readonly raisedAtMs: readonly (readonly [number, number])[];
};

export function packState(state: EngineState): EngineSnapshot {
  const labels = new PackedLabels(state.labels);
  const lists = listNames.map((name) => {
    const list = state.lists[name];
    const pair = [list.pack(state.live), list.pack(state.late)] as const;
    for (const packed of pair) relabel(packed, list.words, name, (label) => labels.numberOf(label));
    return pair;
  });
  const storms = state.storms.all.map(({ rule, label, isOn, raisedAtMs }): PackedStorm => ({
    rule: ruleIds[rule]!,
    label: label < 0 ? label : labels.numberOf(label),
    isOn,
    raisedAtMs: [...raisedAtMs],
  }));
  const [held, judged] = [state.held.pack(), state.judged.pack()];
  const header: Header = {
    version: snapshotVersion,
    policyVersion: state.policyVersion,
    timeMs: Number.isFinite(state.timeMs) ? state.timeMs : null,
    scannedAtMs: Number.isFinite(state.scannedAtMs) ? state.scannedAtMs : null,
    heardVehicles: state.heardVehicles,
    counters: state.counters,
    vehicleIds: state.vehicleIds,
    liveCount: state.live.count,
    lateCount: state.late.count,
    lists: lists.map(([live, late]) => [live.length, late.length] as const),
    held: held.length,
    judged: judged.length,
    rules: ruleIds,
    presses: [...state.presses]
      .sort(([a], [b]) => a - b)
      .flatMap(([vehicle, list]) => list.map(({ fromMs, toMs }) => [vehicle, fromMs, toMs] as const)),
    storms,
    labels: labels.list,
  };
  const doubles = [...lists.flat(), held, judged].map(({ buffer }) => new Uint8Array(buffer));
  const pieces = [state.live.pack(), state.late.pack(), ...doubles];
  const columns = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    columns.set(piece, end);
    end += piece.byteLength;
  }
  return { header: JSON.stringify(header), columns };
}

/**
 * Fills empty tables, lists, labels, presses and storms from a snapshot and returns the rest of the state. Rules that this engine numbers
 * otherwise than the one that packed it are numbered anew.
 *
 * @throws SnapshotError
 */
export function unpackState(
  snapshot: EngineSnapshot,
  { live, late, lists, labels, held, judged, presses, storms }: EngineParts,
): Pick<EngineState, 'counters' | 'timeMs' | 'scannedAtMs' | 'heardVehicles' | 'vehicleIds' | 'policyVersion'> {
  const header = JSON.parse(snapshot.header) as Header;
  const isFormer = header.version === formerVersion;
  if (header.version !== snapshotVersion && !isFormer) {
    throw new SnapshotError(
      `the snapshot has version ${header.version}, this engine reads ${formerVersion} and ${snapshotVersion}`,
    );
  }
  const { columns } = snapshot;
  const lanesEnd = (header.liveCount + header.lateCount) * laneBytes;
  const lengths = [...header.lists.flat(), header.held, header.judged];
  const expected = lanesEnd + lengths.reduce((sum, length) => sum + 8 * length, 0);
  if (columns.byteLength !== expected || header.vehicleIds.length !== header.liveCount) {
    throw new SnapshotError(`the snapshot holds ${columns.byteLength} bytes where ${expected} are expected`);
  }
  live.unpack(columns.subarray(0, header.liveCount * laneBytes));
  late.unpack(columns.subarray(header.liveCount * laneBytes, lanesEnd));
  if (isFormer) for (const lanes of [live, late]) lanes.forgetLists();
  const doubles = new Float64Array(columns.slice(lanesEnd).buffer);
  const known = header.labels.map((label) => labels.put(label));
  let from = 0;
  for (const [place, name] of listNames.entries()) {
    // A list that is younger than the snapshot has nothing in it.
    for (const [which, length] of (header.lists[place] ?? []).entries()) {
      const own = doubles.subarray(from, from + length);
      const packed = isFormer ? widen(own, lists[name].words, name, header.policyVersion) : own;
      relabel(packed, lists[name].words, name, (label) => known[label]!);
      renumber(packed, lists[name].words, name, header.rules);
      lists[name].unpack(packed, which === 0 ? live : late);
      from += length;
    }
  }
  held.unpack(doubles.subarray(from, from + header.held));
  judged.unpack(doubles.subarray(from + header.held));
  for (const [vehicle, fromMs, toMs] of header.presses) {
    presses.set(vehicle, [...(presses.get(vehicle) ?? []), { fromMs, toMs }]);
  }
  for (const { rule, label, isOn, raisedAtMs } of header.storms) {
    const own = label < 0 ? label : known[label]!;
    storms.restore({ rule: ruleNumber(rule), label: own, isOn, raisedAtMs: new Map(raisedAtMs) });
  }
  const { timeMs, scannedAtMs, ...rest } = header;
  return { ...rest, timeMs: timeMs ?? -Infinity, scannedAtMs: scannedAtMs ?? -Infinity };
}

/** Labels numbered as the snapshot needs them, so that equal states make equal bytes. */
class PackedLabels {
  readonly list: FenceLabel[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #labels: Labels;

  constructor(labels: Labels) {
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
