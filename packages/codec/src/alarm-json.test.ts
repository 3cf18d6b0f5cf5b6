import { ruleIds, suppressions, tiers, vehicleClasses, type AlarmStep, type RejectReason } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAlarmStep, encodeAlarmStep } from './alarm-json.ts';
import { isReject } from './reject.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const raised: AlarmStep = {
  v: 1,
  kind: 'raised',
  alarmId: '0123456789abcdef0123456789abcdef',
  seq: 1,
  rule: 'overspeed',
  vehicleId: 'truck-1',
  class: 'earthwork',
  company: 'c-17',
  level: 2,
  tier: 'T1',
  late: false,
  atMs: 1_795_326_943_000,
  startedAtMs: 1_795_326_913_000,
  raisedAtMs: 1_795_326_943_000,
  value: 82,
  limit: 60,
  limitSource: 'class earthwork',
  peak: 84.5,
  distanceM: 683.2,
  lonDeg: 121.47,
  latDeg: 31.23,
  explanation: '82.0 km/h for 30 s where 60 applies (class earthwork), policy v12',
  policyVersion: 12,
  cause: { partition: 3, offset: 190, index: 0 },
  producedAtMs: 1_795_326_943_100,
};
const cleared: AlarmStep = { ...raised, kind: 'cleared', seq: 2, endedAtMs: 1_795_326_950_000, clearReason: 'gap' };

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
const times = fc.integer({ min: 0, max: 4_000_000_000_000 });
const count = fc.integer({ min: 1, max: 1_000_000 });
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((s) => s.trim() !== '' && s.length <= 64);
const told = fc.record(
  {
    v: fc.constant(1 as const),
    alarmId: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 32, maxLength: 32 }),
    seq: count,
    rule: fc.constantFrom(...ruleIds),
    vehicleId: name,
    class: fc.constantFrom(...vehicleClasses),
    company: name,
    district: name,
    plate: name,
    fenceId: name,
    fenceName: name,
    subject: name,
    subjectName: name,
    suppressedBy: fc.constantFrom(...suppressions),
    level: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
    tier: fc.constantFrom(...tiers),
    late: fc.boolean(),
    atMs: times,
    startedAtMs: times,
    raisedAtMs: times,
    value: number,
    limit: number,
    limitSource: name,
    peak: number,
    derived: fc.boolean(),
    distanceM: number.map(Math.abs),
    explanation: name,
    policyVersion: count,
    cause: fc.record({ partition: fc.nat(), offset: fc.maxSafeNat(), index: fc.nat(999) }, { noNullPrototype: true }),
    producedAtMs: times,
  },
  {
    requiredKeys: [
      ...(['v', 'alarmId', 'seq', 'rule', 'vehicleId', 'class', 'level', 'tier', 'late', 'atMs'] as const),
      ...(['startedAtMs', 'raisedAtMs', 'distanceM', 'explanation', 'policyVersion', 'cause', 'producedAtMs'] as const),
    ],
    noNullPrototype: true,
  },
);
const ends = fc.oneof(
  fc.record({ kind: fc.constantFrom('raised' as const, 'escalated' as const) }),
  fc.record({
    kind: fc.constant('cleared' as const),
    endedAtMs: times,
    clearReason: fc.constantFrom(
      'condition-over' as const,
      'gap' as const,
      'rule-withdrawn' as const,
      'late-lane-over' as const,
    ),
  }),
);
const place = fc.option(
  fc.record({ lonDeg: fc.integer({ min: -180, max: 180 }), latDeg: fc.integer({ min: -90, max: 90 }) }),
);
const anyStep: fc.Arbitrary<AlarmStep> = fc.tuple(told, ends, place).map(([a, b, c]) => ({ ...a, ...b, ...c }));

test('any step round-trips', () => {
  fc.assert(
    fc.property(anyStep, (step) => {
      expect(decodeAlarmStep(bytes(encodeAlarmStep(step)))).toStrictEqual(step);
    }),
  );
});

test('the text does not depend on the order of the fields', () => {
  fc.assert(
    fc.property(anyStep, (step) => {
      const reversed = Object.fromEntries(Object.entries(step).toReversed()) as AlarmStep;
      expect(encodeAlarmStep(reversed)).toBe(encodeAlarmStep(step));
    }),
  );
});

test('the order of the fields is fixed', () => {
  expect(encodeAlarmStep(cleared)).toMatch(
    /^\{"v":1,"kind":"cleared","alarmId":"0123456789abcdef0123456789abcdef","seq":2,/,
  );
});

describe('what is not a step is a reject', () => {
  test.each<[string, RejectReason, object]>([
    ['v', 'unsupported-version', { ...raised, v: 2 }],
    ['v', 'field-missing', { ...raised, v: undefined }],
    ['kind', 'field-range', { ...raised, kind: 'claimed' }],
    ['alarmId', 'field-range', { ...raised, alarmId: 'ABCDEF' }],
    ['seq', 'field-range', { ...raised, seq: 0 }],
    ['rule', 'field-range', { ...raised, rule: 'fatigue' }],
    ['rule', 'field-missing', { ...raised, rule: null }],
    ['vehicleId', 'field-range', { ...raised, vehicleId: '' }],
    ['class', 'field-range', { ...raised, class: 'bicycle' }],
    ['level', 'field-range', { ...raised, level: 5 }],
    ['level', 'field-range', { ...raised, level: '2' }],
    ['tier', 'field-range', { ...raised, tier: 'T4' }],
    ['late', 'field-type', { ...raised, late: 'no' }],
    ['atMs', 'field-type', { ...raised, atMs: '2026-11-22' }],
    ['startedAtMs', 'field-missing', { ...raised, startedAtMs: undefined }],
    ['endedAtMs', 'field-range', { ...raised, endedAtMs: 1 }],
    ['endedAtMs', 'field-missing', { ...cleared, endedAtMs: undefined }],
    ['clearReason', 'field-range', { ...cleared, clearReason: 'bored' }],
    ['value', 'field-type', { ...raised, value: '82' }],
    ['distanceM', 'field-range', { ...raised, distanceM: -1 }],
    ['latDeg', 'field-missing', { ...raised, latDeg: undefined }],
    ['lonDeg', 'coordinates-out-of-range', { ...raised, lonDeg: 181 }],
    ['fenceName', 'field-type', { ...raised, fenceName: 5 }],
    ['explanation', 'field-range', { ...raised, explanation: 'x'.repeat(4_001) }],
    ['policyVersion', 'field-range', { ...raised, policyVersion: 1.5 }],
    ['cause', 'field-missing', { ...raised, cause: undefined }],
    ['cause.offset', 'field-range', { ...raised, cause: { partition: 0, offset: -1, index: 0 } }],
    ['cause.index', 'field-missing', { ...raised, cause: { partition: 0, offset: 1 } }],
  ])('%s: %s', (field, reason, step) => {
    const refused = decodeAlarmStep(bytes(JSON.stringify(step)));
    expect(refused).toStrictEqual({ reason, detail: expect.stringContaining(`field ${field}: expected`) });
  });

  test.each<[string, RejectReason, Uint8Array | null]>([
    ['a tombstone', 'empty-record', null],
    ['no bytes', 'empty-record', bytes('')],
    ['half a record', 'json-broken', bytes(encodeAlarmStep(raised).slice(0, -5))],
    ['an array', 'json-broken', bytes('[]')],
    ['a frame', 'json-broken', bytes('FW\u0001')],
  ])('%s is %s', (_name, reason, value) => {
    expect(decodeAlarmStep(value)).toMatchObject({ reason });
  });

  test('any JSON and any bytes', () => {
    const mutilated = fc.tuple(fc.constantFrom(...Object.keys(cleared)), fc.jsonValue());
    fc.assert(
      fc.property(mutilated, fc.uint8Array(), ([field, value], noise) => {
        expect(typeof decodeAlarmStep(bytes(JSON.stringify({ ...cleared, [field]: value })))).toBe('object');
        expect(isReject(decodeAlarmStep(noise))).toBe(true);
      }),
    );
  });
});

test('words are taken as they are: what a fence is called never costs an alarm', () => {
  const named = { ...raised, fenceId: ' ', fenceName: '', limitSource: 'fence \uD800' };
  expect(decodeAlarmStep(bytes(encodeAlarmStep(named)))).toStrictEqual(named);
});

test('fields of later versions are ignored, one named reason among them', () => {
  expect(decodeAlarmStep(bytes(JSON.stringify({ ...raised, reason: 'x', operator: 'Li' })))).toStrictEqual(raised);
});
