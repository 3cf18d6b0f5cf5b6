/**
 * Why a record, or one fix of it, was not taken. A closed list: each reason is a metric label, a line in the dead
 * letter's headers, and a thing that a producer can mend. The order is the code in packed batches: append only.
 */
export const rejectReasons = [
  'none',
  'empty-record',
  'record-too-large',
  'unknown-magic',
  'unsupported-version',
  'frame-truncated',
  'frame-crc-mismatch',
  'frame-malformed',
  'json-broken',
  'field-missing',
  'field-type',
  'field-range',
  'coordinates-out-of-range',
  'clock-ahead',
  'vehicle-unknown',
  'wrong-partition',
  'row-broken',
  'poison',
] as const;

export type RejectReason = Exclude<(typeof rejectReasons)[number], 'none'>;

/** A record that could not be read, as a value: bad data is never an exception. */
export type Reject = {
  readonly reason: RejectReason;
  /** What exactly was wrong, for the person who mends the producer: "field latDeg: expected a number". */
  readonly detail: string;
};

/** The code of a reason in `FixBatch.reject`; 0 is "not rejected". */
export function rejectCode(reason: RejectReason): number {
  return rejectReasons.indexOf(reason);
}

/** The reason of a code in `FixBatch.reject`. */
export function rejectReason(code: number): RejectReason {
  const reason = rejectReasons[code];
  if (reason === undefined || reason === 'none') throw new RangeError(`no reject reason has the code ${code}`);
  return reason;
}
