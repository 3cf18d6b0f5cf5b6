import { describe, expect, test } from 'vitest';
import { findVehicle, readPlace } from './explain-subject.ts';

const entries = [
  { id: 'truck-1', class: 'hazmat', aliases: ['013800000001'] },
  { id: 'truck-2', class: 'mixer', retired: true, aliases: ['t2'] },
] as const;

test.each([
  ['coach', 'coach'],
  ['truck-1', 'hazmat'],
  ['013800000001', 'hazmat'],
])('%s is of the class %s', (name, vehicleClass) => {
  expect(findVehicle(name, entries, { unknownVehicles: 'reject' }).class).toBe(vehicleClass);
});

test.each([
  [
    'lorry',
    undefined,
    'reject',
    "'lorry' is no class (coach, hazmat, earthwork, mixer, heavy); for a vehicle say --fleet",
  ],
  ['lorry', entries, 'reject', 'no vehicle of the fleet file; the policy refuses the fixes'],
  ['lorry', entries, 'heavy', 'the policy takes vehicles that nobody registered for heavy'],
  ['truck-2', entries, 'reject', "the vehicle 'truck-2' is retired"],
  ['t2', entries, 'reject', 'no vehicle of the fleet file'],
] as const)('%s is not found: %#', (name, fleet, unknownVehicles, message) => {
  expect(() => findVehicle(name, fleet, { unknownVehicles })).toThrow(message);
});

describe('place and time', () => {
  const read = (flags: Parameters<typeof readPlace>[0]) => readPlace(flags, 'Asia/Shanghai', 1_000);

  test('none, without a time, with one of the policy’s zone, with an offset of its own', () => {
    expect(read({})).toBeUndefined();
    expect(read({ lon: '-121.5', lat: '31' })).toEqual({ atMs: 1_000, lonDeg: -121.5, latDeg: 31 });
    const atMs = Date.parse('2026-03-01T02:30:00+08:00');
    expect(read({ lon: '0', lat: '0', at: '2026-03-01T02:30' })).toEqual({ atMs, lonDeg: 0, latDeg: 0 });
    expect(read({ lon: '0', lat: '0', at: '2026-02-28T18:30Z' })).toEqual({ atMs, lonDeg: 0, latDeg: 0 });
  });

  test.each([
    [{ lon: '121' }, '--lon: say --lat too'],
    [{ lat: '31' }, '--lat: say --lon too'],
    [{ at: '2026-03-01T02:30' }, '--at: say where too'],
    [{ lon: '181', lat: '31' }, '--lon: expected degrees from -180 to 180'],
    [{ lon: '121', lat: 'north' }, '--lat: expected degrees from -90 to 90'],
    [{ lon: '', lat: '31' }, '--lon: expected degrees'],
    [{ lon: '121', lat: '31', at: 'noon' }, '--at: expected a time such as 2026-03-01T02:30 (in Asia/Shanghai)'],
  ])('%j is refused', (flags, message) => expect(() => read(flags)).toThrow(message));
});
