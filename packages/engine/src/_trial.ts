import {
  alarmFlagSos,
  fixFlag,
  Fleet,
  FixBatch,
  packEvent,
  packSignals,
  rejectReason,
  speedAbsent,
  toDkph,
  toE7,
  vehicleElsewhere,
  vehicleUnknown,
  type AlarmStep,
  type FixExtra,
  type Policy,
  type RejectReason,
  type VehicleEntry,
} from '@haulwatch/domain';
import { compilePolicy } from '@haulwatch/rules';
import { Engine } from './engine.ts';
import { basePolicy, degreesAt } from './_policy.ts';

/** Monday 2026-03-02 00:00 in Shanghai: second 0 of every track. */
export const epochMs = Date.UTC(2026, 2, 1, 16);

/** One fix of a track. Seconds since the epoch of the tests; places in thousandths of a degree. */
export type TrackRow = {
  /** Id, alias or registry number. */
  readonly vehicle: string | number;
  readonly atS: number;
  readonly receivedS: number;
  /** When its record was produced, where that is not its receipt. */
  readonly producedS?: number;
  readonly kph: number | undefined;
  readonly x: number;
  readonly y: number;
  readonly sos: boolean;
  readonly invalid: boolean;
  readonly blind: boolean;
  /** Degrees and metres; absent: not told. */
  readonly heading?: number;
  readonly accuracyM?: number;
  /** Alarm and status flags of JT/T 808, beside the button. */
  readonly alarmFlags?: number;
  readonly statusFlags?: number;
  readonly extra?: FixExtra;
  readonly reject?: RejectReason;
};

export type TrialOptions = {
  readonly policy?: Partial<Policy>;
  readonly vehicles?: readonly VehicleEntry[];
  readonly isHome?: (vehicleId: string) => boolean;
};

/** The vehicle of rows that name none. */
const truck: VehicleEntry = { id: 'truck', class: 'heavy' };

/** One engine with its registry, fed by tables. Holds that the books balance after each batch. */
export class Trial {
  engine: Engine;
  readonly fleet = new Fleet();
  /** Vehicles of rows that belong to another partition: a decoder sends them on. */
  readonly elsewhere: string[] = [];
  /** Reasons of the refused rows of the newest batch, in order. */
  rejected: RejectReason[] = [];
  #policy: Policy;
  #rows = 0;
  #receivedS = -Infinity;
  /** The partition's time. */
  #heardS = -Infinity;
  readonly #isHome: (vehicleId: string) => boolean;

  constructor(options: TrialOptions = {}) {
    this.#policy = { ...basePolicy, ...options.policy };
    this.#isHome = options.isHome ?? (() => true);
    this.register(options.vehicles ?? [truck]);
    this.engine = new Engine(this.#engineOptions());
  }

  register(entries: readonly VehicleEntry[]): void {
    for (const vehicle of this.fleet.register(entries)) this.fleet.put(vehicle);
  }

  setPolicy(changes: Partial<Policy>): void {
    this.#policy = { ...this.#policy, version: this.#policy.version + 1, ...changes };
    this.engine.setRules(compilePolicy(this.#policy));
  }

  /** Goes on with a new engine from the snapshot of the former. */
  restart(snapshot = this.engine.snapshot()): void {
    this.engine = new Engine(this.#engineOptions(), snapshot);
  }

  /** Feeds a table in one batch; returns the steps in short. */
  take(table: string): string[] {
    return this.steps(table).map(shortStep);
  }

  /** The same, the sentences that explain the steps. */
  explanations(table: string): string[] {
    return this.steps(table).map((step) => step.explanation);
  }

  /** The same, the steps in full. */
  steps(table: string): AlarmStep[] {
    return this.feed(this.#rowsOf(table));
  }

  /** Feeds rows in one batch. Row i comes from offset `offsets[i]`, else the next one. */
  feed(rows: readonly TrackRow[], offsets?: readonly number[]): AlarmStep[] {
    const batch = new FixBatch(Math.max(1, rows.length));
    for (const { receivedS, producedS = receivedS } of rows) {
      this.#heardS = Math.max(this.#heardS, Math.min(receivedS, producedS));
    }
    for (const [i, row] of rows.entries()) {
      const offset = offsets?.[i] ?? this.#rows + i;
      const vehicle =
        typeof row.vehicle === 'number'
          ? this.engine.vehicles.resolveNumber(row.vehicle)
          : this.engine.vehicles.resolve(row.vehicle);
      if (vehicle === vehicleElsewhere) this.elsewhere.push(String(row.vehicle));
      else push(batch, row, vehicle, offset);
    }
    const steps = this.engine.process(batch);
    this.#rows += batch.count;
    this.rejected = [...batch.reject].filter((code) => code !== 0).map(rejectReason);
    this.#balance();
    return steps;
  }

  /** The partition is told that it is so late; returns the steps in short. */
  advance(atS: number): string[] {
    return this.engine.advance(epochMs + atS * 1_000, 9_999_999, epochMs + atS * 1_000).map(shortStep);
  }

  /** Feeds a table, then nothing comes for a minute: what was told late is judged. */
  takeSettled(table: string): string[] {
    return [...this.take(table), ...this.settle()];
  }

  /** Nothing comes for a minute: what was told late is judged. The steps in short. */
  settle(): string[] {
    return this.settled().map(shortStep);
  }

  /** The same, the steps in full. */
  settled(): AlarmStep[] {
    this.#heardS = Math.ceil(this.#heardS) + 60;
    this.#receivedS = Math.max(this.#receivedS, this.#heardS);
    return this.engine.advance(epochMs + this.#heardS * 1_000, 9_999_999, epochMs + this.#heardS * 1_000);
  }

  #balance(): void {
    const { fixes, duplicates, rejects } = this.engine.counters;
    const rejected = Object.values(rejects).reduce((sum, count) => sum + count, 0);
    if (fixes + duplicates + rejected === this.#rows) return;
    throw new Error(`${this.#rows} rows, but ${fixes} fixes + ${duplicates} duplicates + ${rejected} rejects`);
  }

  #engineOptions(): ConstructorParameters<typeof Engine>[0] {
    return { fleet: this.fleet, rules: compilePolicy(this.#policy), partition: 3, isHome: this.#isHome };
  }

  #rowsOf(table: string): TrackRow[] {
    const lines = table.split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '').map((line) => this.#rowOf(line));
  }

  /**
   * `seconds km/h [x,y] [words]`; `-` for no speed. Words: sos, invalid, blind, broken (refused by the decoder), `@s`
   * received at that second (else a second after the fix, or with the row before), `^s` produced then (else when it was
   * received), `h90` heading, `acc80` accuracy, `alarm8,29` alarm flags, `status8,9` status flags, `load=full` and the like
   * signals, `temperature=70`, `pressure=300`, `driver=1`, `event=6502/2/1` an event, its level and state, anything else the vehicle.
   */
  #rowOf(line: string): TrackRow {
    const [at, kph, ...words] = line.split(/\s+/);
    const place = words.find((word) => /^-?[\d.]+,-?[\d.]+$/.test(word)) ?? '0,0';
    const received = words.find((word) => word.startsWith('@'))?.slice(1);
    const produced = words.find((word) => word.startsWith('^'))?.slice(1);
    const vehicle = words.find((word) => word !== place && !toldWord.test(word) && !rowWords.has(word)) ?? truck.id;
    const [x, y] = place.split(',').map(Number);
    this.#receivedS = Math.max(this.#receivedS, Number(received ?? Number(at) + 1));
    return {
      vehicle: vehicle.startsWith('#') ? Number(vehicle.slice(1)) : vehicle,
      atS: Number(at),
      receivedS: this.#receivedS,
      ...(produced === undefined ? {} : { producedS: Number(produced) }),
      kph: kph === '-' ? undefined : Number(kph),
      x: x!,
      y: y!,
      sos: words.includes('sos'),
      invalid: words.includes('invalid'),
      blind: words.includes('blind'),
      ...(words.includes('broken') ? { reject: 'row-broken' as const } : {}),
      ...toldBy(words),
    };
  }
}

/** Words that tell something, and so name no vehicle. */
const toldWord = /^([@^]|h\d|acc\d|alarm\d|status\d|\w+=)/;

/** What the words of a line tell beside speed and place. */
function toldBy(words: readonly string[]): Partial<TrackRow> {
  const value = (prefix: RegExp): string | undefined => words.find((word) => prefix.test(word))?.replace(prefix, '');
  const heading = value(/^h(?=\d)/);
  const accuracy = value(/^acc(?=\d)/);
  const flags = (text: string | undefined): number =>
    (text ?? '').split(',').reduce((all, bit) => (bit === '' ? all : all | (1 << Number(bit))), 0);
  const pairs = new Map(words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]));
  const numberOf = (name: string): number => Number(pairs.get(name) ?? Number.NaN);
  const events = words.filter((word) => word.startsWith('event=')).map((word) => eventOf(word.slice(6)));
  return {
    ...(heading === undefined ? {} : { heading: Number(heading) }),
    ...(accuracy === undefined ? {} : { accuracyM: Number(accuracy) }),
    alarmFlags: flags(value(/^alarm(?=\d)/)),
    statusFlags: flags(value(/^status(?=\d)/)),
    ...(pairs.size === 0
      ? {}
      : {
          extra: {
            signals: packSignals(Object.fromEntries(pairs)),
            cargoTemperatureC: numberOf('temperature'),
            cargoPressureKpa: numberOf('pressure'),
            driver: Number(pairs.get('driver') ?? 0),
            events,
          },
        }),
  };
}

function eventOf(text: string): number {
  const [code = '', level = '0', state = '0'] = text.split('/');
  return packEvent({
    code: Number.parseInt(code, 16),
    level: Number(level) as 0 | 1 | 2,
    state: Number(state) as 0 | 1 | 2,
  });
}

const rowWords = new Set(['sos', 'invalid', 'blind', 'broken']);

function push(batch: FixBatch, row: TrackRow, vehicle: number, offset: number): void {
  const [lonDeg, latDeg] = degreesAt(row.x, row.y);
  const reject = vehicle === vehicleUnknown ? 'vehicle-unknown' : row.reject;
  const fix = {
    vehicle,
    fixedAtMs: epochMs + row.atS * 1_000,
    receivedAtMs: epochMs + row.receivedS * 1_000,
    lonE7: toE7(lonDeg),
    latE7: toE7(latDeg),
    speedDkph: row.kph === undefined ? speedAbsent : toDkph(row.kph),
    headingDeg: row.heading ?? Number.NaN,
    accuracyM: row.accuracyM ?? Number.NaN,
    alarmFlags: (row.sos ? alarmFlagSos : 0) | (row.alarmFlags ?? 0),
    statusFlags: row.statusFlags ?? 0,
    flags: (row.invalid ? fixFlag.positionInvalid : 0) | (row.blind ? fixFlag.blindZone : 0),
    ...(row.extra === undefined ? {} : { extra: row.extra }),
    ...(reject === undefined ? {} : { reject }),
  };
  batch.push(fix, offset, epochMs + (row.producedS ?? row.receivedS) * 1_000, 0);
}

/**
 * A step in short: `40 raised overspeed 72>60 L3`, `120 cleared overspeed 10..60 72>60` (began..ended and the worst),
 * with `late`, the fence, the reason where it is not the condition's own end, and the vehicle where it is not `truck`.
 */
export function shortStep(step: AlarmStep): string {
  const words: (string | number)[] = [seconds(step.atMs), step.kind, step.rule];
  if (step.vehicleId !== truck.id) words.push(step.vehicleId);
  if (step.late) words.push('late');
  if (step.fenceId !== undefined) words.push(step.fenceId);
  if (step.subject !== undefined) words.push(step.subject);
  if (step.suppressedBy !== undefined) words.push(`by ${step.suppressedBy}`);
  if (step.endedAtMs !== undefined) words.push(`${seconds(step.startedAtMs)}..${seconds(step.endedAtMs)}`);
  if (step.value !== undefined && step.limit !== undefined) words.push(`${step.value}>${step.limit}`);
  if (step.kind !== 'cleared') words.push(`L${step.level}`);
  if (step.clearReason !== undefined && step.clearReason !== 'condition-over') words.push(step.clearReason);
  return words.join(' ');
}

function seconds(ms: number): number {
  return (ms - epochMs) / 1_000;
}
