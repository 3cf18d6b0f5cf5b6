import { fixFlag, speedAbsent, type FixBatch, type FixRow } from '@haulwatch/domain';
import { draw, streamSeed } from './random.ts';

/** Shares of all fixes, 0 to 1, that reach us otherwise than they should. */
export type MessShares = {
  /** Sent twice. */
  readonly duplicates?: number;
  /** Withheld in a blind zone and re-reported after it, flagged as such. */
  readonly late?: number;
  /** Stamped 20 h ahead. */
  readonly clockAhead?: number;
  /** Without a position (valid: false), longitude and latitude 0. */
  readonly invalid?: number;
};

export type Mess = {
  readonly shares: Required<MessShares>;
  /** Streams of their own: the same vehicles drive the same ways with a mess and without one. */
  readonly stream: Uint32Array;
  /** What vehicles in a blind zone hold back. */
  readonly withheld: Map<number, FixRow[]>;
};

/** Fixes of one blind zone. */
const blindZoneFixes = 12;
/** Rows that one fix can become: itself, and all that a blind zone held back. */
export const rowsPerFixMax = 1 + blindZoneFixes;
/** The wrong clock of the dirty-input tests. */
const clockAheadMs = 20 * 3_600_000;
const statusPositioned = 0x02;

export function createMess(seed: number, vehicles: number, shares: MessShares): Mess {
  const mess: Mess = {
    shares: { duplicates: 0, late: 0, clockAhead: 0, invalid: 0, ...shares },
    stream: Uint32Array.from({ length: vehicles }, (_, vehicle) => streamSeed(~seed, vehicle)),
    withheld: new Map(),
  };
  const { duplicates, late, clockAhead, invalid } = mess.shares;
  const total = duplicates + late + clockAhead + invalid;
  if (!(total <= 1) || Object.values(mess.shares).some((share) => share < 0)) {
    throw new RangeError(`the shares of a mess must be 0 or more and at most 1 in all, they are ${total}`);
  }
  return mess;
}

/** Lets one mishap or none come over the batch's last row. The batch has room for `rowsPerFixMax`. */
export function applyMess(mess: Mess, batch: FixBatch, nowMs: number): void {
  const row = batch.count - 1;
  const vehicle = batch.vehicle[row] ?? 0;
  const held = mess.withheld.get(vehicle);
  if (held !== undefined && held.length < blindZoneFixes) {
    held.push(readRow(batch, row));
    batch.count = row;
    return;
  }
  if (held !== undefined) {
    mess.withheld.delete(vehicle);
    for (const fix of held) {
      batch.push({ ...fix, receivedAtMs: nowMs, flags: fix.flags | fixFlag.blindZone }, 0, nowMs, 0);
    }
    return;
  }
  const { duplicates, late, clockAhead, invalid } = mess.shares;
  let chance = draw(mess.stream, vehicle) / 0x1_0000_0000;
  if ((chance -= duplicates) < 0) {
    batch.push(readRow(batch, row), 0, nowMs, 0);
  } else if ((chance -= clockAhead) < 0) {
    batch.fixedAtMs[row] = (batch.fixedAtMs[row] ?? 0) + clockAheadMs;
  } else if ((chance -= invalid) < 0) {
    batch.lonE7[row] = 0;
    batch.latE7[row] = 0;
    batch.speedDkph[row] = speedAbsent;
    batch.flags[row] = (batch.flags[row] ?? 0) | fixFlag.positionInvalid;
    batch.statusFlags[row] = (batch.statusFlags[row] ?? 0) & ~statusPositioned;
  } else if (chance < late / (blindZoneFixes * (1 - late))) {
    mess.withheld.set(vehicle, [readRow(batch, row)]);
    batch.count = row;
  }
}

function readRow(batch: FixBatch, row: number): FixRow {
  return {
    vehicle: batch.vehicle[row] ?? 0,
    fixedAtMs: batch.fixedAtMs[row] ?? 0,
    receivedAtMs: batch.receivedAtMs[row] ?? 0,
    lonE7: batch.lonE7[row] ?? 0,
    latE7: batch.latE7[row] ?? 0,
    speedDkph: batch.speedDkph[row] ?? 0,
    headingDeg: (batch.headingCdeg[row] ?? 0) / 100,
    accuracyM: Number.NaN,
    alarmFlags: batch.alarmFlags[row] ?? 0,
    statusFlags: batch.statusFlags[row] ?? 0,
    flags: batch.flags[row] ?? 0,
  };
}
