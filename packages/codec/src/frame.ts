import {
  fixFlag,
  rejectCode,
  vehicleElsewhere,
  vehicleUnknown,
  type FixBatch,
  type Reject,
  type VehicleResolver,
} from '@haulwatch/domain';
import { checkFrame, frameCrc, type CheckedFrame } from './frame-check.ts';
import {
  absentU16,
  frameFlag,
  headerAt,
  headerSize,
  headingCdegMax,
  latE7Max,
  lonE7Max,
  rowAt,
  rowSize,
} from './frame-layout.ts';
import { isReject } from './reject.ts';

/** The log record that something was decoded from. */
export type RecordSource = { readonly offset: number; readonly producedAtMs: number };

/** What became of the rows of a frame: `rowsPushed` + `elsewhereRows.length` = `count`. */
export type DecodedFrame = {
  readonly kind: 'frame';
  /** 0: the frame says what time it is, and no more. */
  readonly count: number;
  readonly receivedAtMs: number;
  /** Rows in the batch now; some may carry a reject code. */
  readonly rowsPushed: number;
  /** Rows of vehicles at home on another partition, not in the batch: cut them out with `splitFrame` and send them on. */
  readonly elsewhereRows: readonly number[];
};

/**
 * Writes a frame's rows into the batch, straight from its bytes and without an object per fix. A frame that is not
 * whole is a reject and leaves the batch as it was. A row that cannot be taken stands in the batch with its reject
 * code, so that rows are conserved and an emergency button in it is heard.
 *
 * @throws RangeError when the batch has no room for all rows: the caller sees to that (`rowsPerRecordMax`).
 */
export function decodeFrame(
  bytes: Uint8Array,
  source: RecordSource,
  vehicles: VehicleResolver,
  batch: FixBatch,
): Reject | DecodedFrame {
  const frame = checkFrame(bytes);
  if (isReject(frame)) return frame;
  if (batch.room < frame.count) {
    throw new RangeError(`the batch has room for ${batch.room} rows, the frame at ${source.offset} has ${frame.count}`);
  }
  const first = batch.count;
  const elsewhereRows = writeRows(frame, vehicles, batch);
  batch.offset.fill(source.offset, first, batch.count);
  batch.producedAtMs.fill(source.producedAtMs, first, batch.count);
  batch.receivedAtMs.fill(frame.receivedAtMs, first, batch.count);
  const { count, receivedAtMs } = frame;
  return { kind: 'frame', count, receivedAtMs, rowsPushed: batch.count - first, elsewhereRows };
}

/** Writes what differs from row to row; returns the rows of vehicles at home on another partition. */
function writeRows(frame: CheckedFrame, vehicles: VehicleResolver, batch: FixBatch): readonly number[] {
  const { view, count, receivedAtMs } = frame;
  const blindZone = (frame.flags & frameFlag.blindZone) === 0 ? 0 : fixFlag.blindZone;
  const { vehicle, index, extra, fixedAtMs, lonE7, latE7, speedDkph, accuracyDm, alarmFlags, statusFlags } = batch;
  const { headingCdeg: headings, flags, reject: rejects } = batch;
  const first = batch.count;
  // In a loop of its own: looking vehicles up waits for memory, and here dozens of look-ups wait at once.
  for (let row = 0; row < count; row += 1) {
    const number = view.getUint32(headerSize + row * rowSize + rowAt.vehicle, true);
    vehicle[first + row] = number === 0 ? vehicleUnknown : vehicles.resolveNumber(number);
  }
  let elsewhere: number[] | undefined;
  let to = first;
  for (let row = 0; row < count; row += 1) {
    const at = headerSize + row * rowSize;
    const number = view.getUint32(at + rowAt.vehicle, true);
    const found = vehicle[first + row]!;
    if (found === vehicleElsewhere) {
      (elsewhere ??= []).push(row);
      continue;
    }
    const lon = view.getInt32(at + rowAt.lonE7, true);
    const lat = view.getInt32(at + rowAt.latE7, true);
    const headingCdeg = view.getUint16(at + rowAt.headingCdeg, true);
    const rowFlags = view.getUint16(at + rowAt.flags, true);
    const isWhole =
      number !== 0 &&
      view.getUint16(at + rowAt.reserved, true) === 0 &&
      (rowFlags & ~knownRowFlags) === 0 &&
      (headingCdeg <= headingCdegMax || headingCdeg === absentU16);
    const code = isWhole ? rejectCodeOf(found, lon, lat) : rowBroken;
    vehicle[to] = found;
    index[to] = row;
    extra[to] = -1;
    fixedAtMs[to] = receivedAtMs + view.getInt32(at + rowAt.fixedDeltaMs, true);
    lonE7[to] = lon;
    latE7[to] = lat;
    speedDkph[to] = view.getUint16(at + rowAt.speedDkph, true);
    headings[to] = headingCdeg;
    accuracyDm[to] = view.getUint16(at + rowAt.accuracyDm, true);
    alarmFlags[to] = view.getUint32(at + rowAt.alarmFlags, true);
    statusFlags[to] = view.getUint32(at + rowAt.statusFlags, true);
    // Nobody may take the place of a row that is refused; what an emergency button in it says stays.
    flags[to] = (rowFlags & knownRowFlags) | blindZone | (code === 0 ? 0 : fixFlag.positionInvalid);
    rejects[to] = code;
    to += 1;
  }
  batch.count = to;
  return elsewhere ?? noRows;
}

const noRows: readonly number[] = [];

const rowBroken = rejectCode('row-broken');
const vehicleIsUnknown = rejectCode('vehicle-unknown');
const coordinatesOutOfRange = rejectCode('coordinates-out-of-range');
const knownRowFlags = fixFlag.positionInvalid | fixFlag.blindZone;

/**
 * 0 for a row that can be taken. What no encoder of version 1 writes was found before, for such a row may mean anything.
 * The speed needs no check: each of its 65,536 values is a speed or `speedAbsent`.
 */
function rejectCodeOf(vehicle: number, lonE7: number, latE7: number): number {
  if (vehicle === vehicleUnknown) return vehicleIsUnknown;
  const onEarth = lonE7 >= -lonE7Max && lonE7 <= lonE7Max && latE7 >= -latE7Max && latE7 <= latE7Max;
  return onEarth ? 0 : coordinatesOutOfRange;
}

/** The registry number of the vehicle in a row of a frame that `decodeFrame` has taken. */
export function frameVehicleNumber(bytes: Uint8Array, row: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(
    headerSize + row * rowSize + rowAt.vehicle,
    true,
  );
}

/**
 * A frame of its own with some rows of a frame that `decodeFrame` has taken, in the order given: bytes are copied, not
 * decoded, so that nothing is lost on the way home.
 *
 * @throws RangeError for no row, or one that the frame does not have.
 */
export function splitFrame(bytes: Uint8Array, rows: readonly number[]): Uint8Array {
  const count = (bytes.length - headerSize) / rowSize;
  if (rows.length < 1 || rows.length > count)
    throw new RangeError(`1 to ${count} rows can be cut out, not ${rows.length}`);
  const cut = new Uint8Array(headerSize + rows.length * rowSize);
  cut.set(bytes.subarray(0, headerSize));
  for (const [place, row] of rows.entries()) {
    if (!Number.isInteger(row) || row < 0 || row >= count) throw new RangeError(`the frame has no row ${row}`);
    const from = headerSize + row * rowSize;
    cut.set(bytes.subarray(from, from + rowSize), headerSize + place * rowSize);
  }
  const view = new DataView(cut.buffer);
  view.setUint16(headerAt.count, rows.length, true);
  view.setUint32(headerAt.crc, frameCrc(cut), true);
  return cut;
}
