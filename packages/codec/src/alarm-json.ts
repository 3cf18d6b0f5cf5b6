import {
  alarmStepKinds,
  ruleIds,
  suppressions,
  tiers,
  vehicleClasses,
  vehicleIdLengthMax,
  type AlarmStep,
  type Cause,
  type ClearReason,
  type Reject,
} from '@haulwatch/domain';
import { FieldReader, type NumberRange } from './field-reader.ts';
import { fixRanges } from './fix-ranges.ts';
import { named, parseJsonObject, present, type Told } from './json-object.ts';
import { isReject, reject } from './reject.ts';

/** One step as a record of `alarm-log`. The same step always gives the same bytes: a replay writes the log again as it was. */
export function encodeAlarmStep(step: AlarmStep): string {
  const fields: Told<AlarmStep> = {
    v: step.v,
    kind: step.kind,
    alarmId: step.alarmId,
    seq: step.seq,
    rule: step.rule,
    vehicleId: step.vehicleId,
    class: step.class,
    company: step.company,
    district: step.district,
    plate: step.plate,
    fenceId: step.fenceId,
    fenceName: step.fenceName,
    subject: step.subject,
    subjectName: step.subjectName,
    level: step.level,
    tier: step.tier,
    suppressedBy: step.suppressedBy,
    late: step.late,
    atMs: step.atMs,
    startedAtMs: step.startedAtMs,
    raisedAtMs: step.raisedAtMs,
    endedAtMs: step.endedAtMs,
    clearReason: step.clearReason,
    value: step.value,
    limit: step.limit,
    limitSource: step.limitSource,
    peak: step.peak,
    derived: step.derived,
    distanceM: step.distanceM,
    lonDeg: step.lonDeg,
    latDeg: step.latDeg,
    explanation: step.explanation,
    policyVersion: step.policyVersion,
    cause: { partition: step.cause.partition, offset: step.cause.offset, index: step.cause.index },
    producedAtMs: step.producedAtMs,
  };
  return JSON.stringify(fields);
}

/**
 * Reads a record of `alarm-log`. The log is written by the engine, but a topic is open to any client: everything is
 * checked, and what is not a step is a reject for the reader to count and pass over.
 */
export function decodeAlarmStep(bytes: Uint8Array | null): AlarmStep | Reject {
  const parsed = parseJsonObject(bytes);
  if (isReject(parsed)) return parsed;
  const value = parsed.object;
  if (value['v'] !== 1) {
    const missing = value['v'] === undefined || value['v'] === null;
    return reject(missing ? 'field-missing' : 'unsupported-version', `field v: expected 1, found ${named(value['v'])}`);
  }
  const fields = new FieldReader(value);
  const cause = new FieldReader(fields.object('cause'), 'cause.');
  const step = readStep(fields, readCause(cause));
  checkTogether(fields, step);
  return fields.reject ?? cause.reject ?? present<AlarmStep>(step);
}

function readStep(fields: FieldReader, cause: Cause): Told<AlarmStep> {
  return {
    v: 1,
    kind: fields.oneOf('kind', alarmStepKinds),
    alarmId: fields.text('alarmId', 32),
    seq: fields.number('seq', countFrom(1)),
    rule: fields.oneOf('rule', ruleIds),
    vehicleId: fields.text('vehicleId', vehicleIdLengthMax),
    class: fields.oneOf('class', vehicleClasses),
    company: fields.optionalWords('company', wordsLengthMax),
    district: fields.optionalWords('district', wordsLengthMax),
    plate: fields.optionalWords('plate', wordsLengthMax),
    fenceId: fields.optionalWords('fenceId', wordsLengthMax),
    fenceName: fields.optionalWords('fenceName', wordsLengthMax),
    subject: fields.optionalWords('subject', wordsLengthMax),
    subjectName: fields.optionalWords('subjectName', wordsLengthMax),
    level: fields.oneOf('level', levels),
    tier: fields.oneOf('tier', tiers),
    suppressedBy: fields.optionalOneOf('suppressedBy', suppressions),
    late: fields.boolean('late'),
    atMs: fields.number('atMs', times),
    startedAtMs: fields.number('startedAtMs', times),
    raisedAtMs: fields.number('raisedAtMs', times),
    endedAtMs: fields.optionalNumber('endedAtMs', times),
    clearReason: fields.optionalOneOf('clearReason', clearReasons),
    value: fields.optionalNumber('value', anyNumber),
    limit: fields.optionalNumber('limit', anyNumber),
    limitSource: fields.optionalWords('limitSource', wordsLengthMax),
    peak: fields.optionalNumber('peak', anyNumber),
    derived: fields.optionalBoolean('derived'),
    distanceM: fields.number('distanceM', { ...anyNumber, min: 0, expected: 'metres, not negative' }),
    lonDeg: fields.optionalNumber('lonDeg', fixRanges.lonDeg),
    latDeg: fields.optionalNumber('latDeg', fixRanges.latDeg),
    explanation: fields.words('explanation', wordsLengthMax),
    policyVersion: fields.number('policyVersion', countFrom(1)),
    cause,
    producedAtMs: fields.number('producedAtMs', times),
  };
}

function readCause(fields: FieldReader): Cause {
  return {
    partition: fields.number('partition', countFrom(0)),
    offset: fields.number('offset', countFrom(0)),
    index: fields.number('index', countFrom(0)),
  };
}

/** What no field shows alone. */
function checkTogether(fields: FieldReader, step: Told<AlarmStep>): void {
  if (!alarmIdForm.test(step.alarmId)) fields.refuse('field-range', 'alarmId', '32 hexadecimal digits, small');
  const cleared = step.kind === 'cleared';
  for (const name of ['endedAtMs', 'clearReason'] as const) {
    if (cleared && step[name] === undefined) fields.refuse('field-missing', name, 'it in a step that clears');
    if (!cleared && step[name] !== undefined) fields.refuse('field-range', name, 'it only in a step that clears');
  }
  if ((step.lonDeg === undefined) !== (step.latDeg === undefined)) {
    fields.refuse('field-missing', step.lonDeg === undefined ? 'lonDeg' : 'latDeg', 'both coordinates or none');
  }
}

const alarmIdForm = /^[0-9a-f]{32}$/;
const levels = [1, 2, 3, 4] as const;

/** Every reason, so that the compiler finds one that is missing here. */
const clearReasonsTold: Readonly<Record<ClearReason, true>> = {
  'condition-over': true,
  gap: true,
  'rule-withdrawn': true,
  'late-lane-over': true,
};
const clearReasons = Object.keys(clearReasonsTold) as ClearReason[];

/** Names and sentences: far above what a person reads, far below what fills an index or a screen. */
const wordsLengthMax = 4_000;

const anyNumber: NumberRange = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE, expected: 'a number' };
/** Any time that a Date could hold: whether it is plausible was asked when the fix came in. */
const times: NumberRange = { min: -8.64e15, max: 8.64e15, expected: 'milliseconds since 1970' };

function countFrom(min: number): NumberRange {
  return { min, max: Number.MAX_SAFE_INTEGER, whole: true, expected: `a whole number from ${min}` };
}
