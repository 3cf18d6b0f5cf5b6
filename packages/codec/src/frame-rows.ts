import { fixFlag, fromE7, speedAbsent, type Reject } from '@haulwatch/domain';
import { checkFrame } from './frame-check.ts';
import type { FrameRow } from './frame-encoder.ts';
import { absentI16, absentU16, absentU32, frameFlag, headerSize, rowAt, rowSize } from './frame-layout.ts';
import { present } from './json-object.ts';
import { isReject } from './reject.ts';

/** A frame as objects, for tools that show or convert frames: an object per fix, so never on the way to the engine. */
export type FrameRows = { readonly receivedAtMs: number; readonly rows: readonly FrameRow[] };

/** Reads every row as it stands; whether a row's coordinates or vehicle are good is not asked here. */
export function readFrameRows(bytes: Uint8Array): FrameRows | Reject {
  const frame = checkFrame(bytes);
  if (isReject(frame)) return frame;
  const rows = Array.from({ length: frame.count }, (_, row) => {
    const read = readRow(frame.view, headerSize + row * rowSize, frame.receivedAtMs);
    return (frame.flags & frameFlag.blindZone) === 0 ? read : { ...read, blindZone: true };
  });
  return { receivedAtMs: frame.receivedAtMs, rows };
}

function readRow(view: DataView, at: number, receivedAtMs: number): FrameRow {
  const flags = view.getUint16(at + rowAt.flags, true);
  return present<FrameRow>({
    vehicleNumber: view.getUint32(at + rowAt.vehicle, true),
    fixedAtMs: receivedAtMs + view.getInt32(at + rowAt.fixedDeltaMs, true),
    lonDeg: fromE7(view.getInt32(at + rowAt.lonE7, true)),
    latDeg: fromE7(view.getInt32(at + rowAt.latE7, true)),
    speedKph: unless(speedAbsent, view.getUint16(at + rowAt.speedDkph, true), 10),
    headingDeg: unless(absentU16, view.getUint16(at + rowAt.headingCdeg, true), 100),
    altitudeM: unless(absentI16, view.getInt16(at + rowAt.altitudeM, true), 1),
    accuracyM: unless(absentU16, view.getUint16(at + rowAt.accuracyDm, true), 10),
    mileageKm: unless(absentU32, view.getUint32(at + rowAt.mileageHm, true), 10),
    valid: (flags & fixFlag.positionInvalid) === 0 ? undefined : false,
    alarmFlags: view.getUint32(at + rowAt.alarmFlags, true),
    statusFlags: view.getUint32(at + rowAt.statusFlags, true),
    blindZone: (flags & fixFlag.blindZone) === 0 ? undefined : true,
  });
}

function unless(absent: number, stored: number, steps: number): number | undefined {
  return stored === absent ? undefined : stored / steps;
}
