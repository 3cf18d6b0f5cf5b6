import type { Fix, TerminalEvent } from '@haulwatch/domain';
import type { NumberRange } from './field-reader.ts';
import { earliestMs, latestMs } from './time-range.ts';

/** Times of fixes and receipts; a fraction of a millisecond is rounded away, not refused. */
export const epochMsRange: NumberRange = {
  min: earliestMs,
  // The last whole millisecond before 2100: the end is exclusive.
  max: latestMs - 1,
  expected: 'milliseconds since 1970 between the years 2000 and 2100',
};

const dword = { min: 0, max: 0xffff_ffff, whole: true, expected: 'a whole number from 0 to 4294967295' };

/** The ranges of a fix's numbers. Where JT/T 808 or the frame sets the end of a range, it is that one. */
export const fixRanges = {
  lonDeg: { min: -180, max: 180, expected: 'degrees from -180 to 180', reason: 'coordinates-out-of-range' },
  latDeg: { min: -90, max: 90, expected: 'degrees from -90 to 90', reason: 'coordinates-out-of-range' },
  speedKph: { min: 0, max: 6_553.4, expected: 'km/h from 0 to 6553.4' },
  headingDeg: { min: 0, max: 360, expected: 'degrees from 0 to 360' },
  altitudeM: { min: -32_767, max: 32_767, expected: 'metres from -32767 to 32767' },
  // A position from cell towers may be off by tens of kilometres; more than this is no statement at all.
  accuracyM: { min: 0, max: 1_000_000, expected: 'metres from 0 to 1000000' },
  mileageKm: { min: 0, max: 429_496_729.4, expected: 'kilometres from 0 to 429496729.4' },
  alarmFlags: dword,
  statusFlags: dword,
} as const satisfies Partial<Record<keyof Fix, NumberRange>>;

export const terminalEventRanges = {
  code: { min: 0, max: 0xffff, whole: true, expected: 'a whole number from 0 to 65535' },
} as const satisfies Partial<Record<keyof TerminalEvent, NumberRange>>;
