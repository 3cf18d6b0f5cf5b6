import { encodeFixJson, homePartition } from '@haulwatch/codec';
import { alarmFlagSos, FixBatch, fromE7, speedAbsent, type Fix, type Fleet } from '@haulwatch/domain';
import type { NewLogRecord } from '@haulwatch/ports';
import { SimulatedGateway, type MessShares, type Simulator } from '@haulwatch/simulator';
import { Random } from './random.ts';

/** Of the simulator's fixes: what their terminals get wrong. */
export const chaosMess: MessShares = { duplicates: 0.003, late: 0.01, clockAhead: 0.0005, invalid: 0.002 };

/** Of the gateway's frames: sent once more some seconds later, held back, with a byte that was changed on the way. */
const frameShares = { again: 0.02, heldBriefly: 0.01, heldLong: 0.01, corrupt: 0.005 } as const;
const laterMs = { again: [500, 8_000], briefly: [500, 4_000], long: [8_000, 40_000] } as const;

/** Of the fixes: also told as JSON a moment later, by a terminal with cameras. */
const jsonShare = 0.015;
/** Of those: with an event of the camera, with the emergency button, broken, on another vehicle's partition. */
const jsonShares = { event: 0.5, pressed: 0.02, broken: 0.1, elsewhere: 0.1 } as const;
/** Smoking, phone, fatigue, forward collision, of T/JSATL 12-2017. */
const eventCodes = [25_859, 25_858, 25_857, 25_601] as const;

/** A fleet's telemetry as it comes from the field: some of it late, twice, out of order, broken, or in the wrong place. */
export class ChaosInput {
  fixes = 0;
  readonly #simulator: Simulator;
  readonly #gateway: SimulatedGateway;
  readonly #ids: readonly string[];
  readonly #partitions: number;
  readonly #random: Random;
  readonly #batch = new FixBatch(8_192);
  /** What is to be sent later, in no order. */
  #held: { readonly dueMs: number; readonly record: NewLogRecord }[] = [];

  constructor(simulator: Simulator, fleet: Fleet, partitions: number, seed: number) {
    const entries = simulator.fleet();
    this.#simulator = simulator;
    this.#gateway = new SimulatedGateway(entries, fleet, partitions);
    this.#ids = entries.map(({ id }) => id);
    this.#partitions = partitions;
    this.#random = Random.of(seed, 22);
  }

  /** What is due until a time, in the order in which it is sent. */
  next(nowMs: number): NewLogRecord[] {
    const records = this.#due(nowMs);
    for (let done = false; !done;) {
      done = this.#simulator.step(nowMs, this.#batch);
      this.fixes += this.#batch.count;
      for (const frame of this.#gateway.frames(this.#batch, nowMs))
        this.#sendFrame({ ...frame, key: null }, nowMs, records);
      for (let row = 0; row < this.#batch.count; row += 1) {
        if (this.#random.chance(jsonShare)) records.push(this.#json(row, nowMs));
      }
    }
    return records;
  }

  /** What is still held back. */
  rest(): NewLogRecord[] {
    return this.#due(Infinity);
  }

  #due(nowMs: number): NewLogRecord[] {
    const due = this.#held.filter(({ dueMs }) => dueMs <= nowMs);
    this.#held = this.#held.filter(({ dueMs }) => dueMs > nowMs);
    return due.map(({ record }) => record);
  }

  #sendFrame(record: NewLogRecord, nowMs: number, records: NewLogRecord[]): void {
    const chance = this.#random.share();
    const { again, heldBriefly, heldLong, corrupt } = frameShares;
    if (chance < heldBriefly) return this.#hold(record, nowMs, laterMs.briefly);
    if (chance < heldBriefly + heldLong) return this.#hold(record, nowMs, laterMs.long);
    records.push(record);
    if (chance > 1 - again) this.#hold(record, nowMs, laterMs.again);
    else if (chance > 1 - again - corrupt) records.push(this.#corrupted(record));
  }

  #hold(record: NewLogRecord, nowMs: number, [fromMs, toMs]: readonly [number, number]): void {
    this.#held.push({ dueMs: nowMs + this.#random.between(fromMs, toMs), record });
  }

  #corrupted(record: NewLogRecord): NewLogRecord {
    const value = Buffer.from(record.value as Uint8Array);
    const at = this.#random.below(value.length);
    value[at] = value[at]! ^ (1 << this.#random.below(8));
    return { ...record, value };
  }

  #json(row: number, nowMs: number): NewLogRecord {
    const random = this.#random;
    const id = this.#ids[this.#batch.vehicle[row]!]!;
    const text = encodeFixJson(this.#fixOf(row, id, nowMs));
    const chance = random.share();
    const { broken, elsewhere } = jsonShares;
    const home = homePartition(id, this.#partitions);
    const partition = chance < elsewhere ? (home + 1) % this.#partitions : home;
    return { partition, key: id, value: chance > 1 - broken ? this.#broken(text) : text };
  }

  #fixOf(row: number, vehicleId: string, nowMs: number): Fix {
    const random = this.#random;
    const batch = this.#batch;
    const speedDkph = batch.speedDkph[row]!;
    const chance = random.share();
    const code = random.pick(eventCodes);
    return {
      vehicleId,
      // A moment after the frame's, so that it is another fix.
      fixedAtMs: batch.fixedAtMs[row]! + 1,
      receivedAtMs: nowMs,
      lonDeg: fromE7(batch.lonE7[row]!),
      latDeg: fromE7(batch.latE7[row]!),
      ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
      headingDeg: batch.headingCdeg[row]! / 100,
      statusFlags: batch.statusFlags[row]!,
      alarmFlags: chance < jsonShares.pressed ? alarmFlagSos : 0,
      ...(chance > 1 - jsonShares.event
        ? { terminalEvents: [{ code, level: random.pick([1, 2] as const), state: 1 }] }
        : {}),
    };
  }

  #broken(text: string): string {
    const way = this.#random.below(3);
    if (way === 0) return text.slice(0, -5);
    return way === 1
      ? text.replace(/"lonDeg":[^,]+/, '"lonDeg":200')
      : text.replace(/"vehicleId":"[^"]+"/, '"vehicleId":"nobody"');
  }
}
