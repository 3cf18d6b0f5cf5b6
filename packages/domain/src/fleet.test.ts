import { describe, expect, test } from 'vitest';
import { Fleet, type VehicleEntry } from './fleet.ts';
import type { Vehicle } from './vehicle.ts';

function fleetOf(...imports: (readonly VehicleEntry[])[]): Fleet {
  const fleet = new Fleet();
  for (const entries of imports) for (const vehicle of fleet.register(entries)) fleet.put(vehicle);
  return fleet;
}

const a: VehicleEntry = { id: 'a', class: 'heavy', aliases: ['phone'] };
const b: VehicleEntry = { id: 'b', class: 'mixer' };

describe('register', () => {
  test.each<[string, readonly VehicleEntry[][], Record<string, number>]>([
    ['numbers in order', [[a, b]], { a: 1, b: 2 }],
    ['later ones go on', [[a], [b]], { a: 1, b: 2 }],
    ['known ones keep theirs', [[a, b], [{ ...a, class: 'coach' }]], { a: 1, b: 2 }],
    ['one that stands twice gets one', [[a, { ...a, class: 'coach' }, b]], { a: 1, b: 2 }],
    [
      'a retired one keeps its number for ever',
      [[a, b], [{ ...b, retired: true }], [{ id: 'c', class: 'heavy' }]],
      { a: 1, b: 2, c: 3 },
    ],
    ['and has it again when it is back', [[a, b], [{ ...a, retired: true }], [a]], { a: 1, b: 2 }],
  ])('%s', (_, imports, expected) => {
    const fleet = fleetOf(...imports);
    expect(Object.fromEntries([...fleet.vehicles()].map((vehicle) => [vehicle.id, vehicle.number]))).toEqual(expected);
  });

  test('writes only what changes, and nothing by itself', () => {
    const fleet = fleetOf([a, b]);
    const revision = fleet.revision;
    expect(fleet.register([a, { ...b, company: 'Acme' }])).toEqual([{ ...b, company: 'Acme', number: 2 }]);
    expect(fleet.register([a, b])).toEqual([]);
    expect([fleet.revision, fleet.find('b')?.company]).toEqual([revision, undefined]);
  });

  test.each<[string, Partial<VehicleEntry>]>([
    ['class', { class: 'coach' }],
    ['plate', { plate: '沪A12345' }],
    ['company', { company: 'Acme' }],
    ['district', { district: 'Pudong' }],
    ['aliases', { aliases: [] }],
    ['retired', { retired: true }],
  ])('sees a change of %s', (_, change) => {
    expect(fleetOf([a]).register([{ ...a, ...change }])).toHaveLength(1);
  });

  test('a vehicle that was never retired and one that is not are the same', () => {
    expect(fleetOf([a]).register([{ ...a, retired: false }])).toEqual([]);
  });

  test('goes on behind the highest number of the topic, whatever the order', () => {
    const fleet = new Fleet();
    fleet.put({ id: 'x', number: 7, class: 'heavy' });
    fleet.put({ id: 'y', number: 3, class: 'heavy' });
    expect(fleet.register([b])).toMatchObject([{ id: 'b', number: 8 }]);
  });
});

describe('find', () => {
  test.each([
    ['an id', 'a', 'a'],
    ['an alias', 'phone', 'a'],
    ['an id before an alias', 'b', 'b'],
    ['nothing', 'c', undefined],
    ['the empty name', '', undefined],
  ])('%s', (_, name, expected) => {
    expect(fleetOf([{ ...a, aliases: ['phone', 'b'] }, b]).find(name)?.id).toBe(expected);
  });

  test.each<[string, readonly VehicleEntry[], string | undefined]>([
    ['moved to another vehicle', [{ ...b, aliases: ['phone'] }], 'b'],
    [
      'moved first, given up later',
      [
        { ...b, aliases: ['phone'] },
        { id: 'a', class: 'heavy' },
      ],
      'b',
    ],
    ['given up', [{ id: 'a', class: 'heavy' }], undefined],
    ['of a retired vehicle', [{ ...a, retired: true }], undefined],
    [
      'of a vehicle that was retired after it had moved',
      [
        { ...b, aliases: ['phone'] },
        { ...a, retired: true },
      ],
      'b',
    ],
    [
      'that is the id of a retired vehicle',
      [
        { ...a, retired: true },
        { ...b, aliases: ['a', 'phone'] },
      ],
      'b',
    ],
  ])('an alias %s', (_, changes, expected) => {
    const fleet = fleetOf([a, b], ...changes.map((change) => [change]));
    expect(fleet.find('phone')?.id).toBe(expected);
  });

  test('a retired vehicle by none of its names, its id may be an alias of its successor', () => {
    const fleet = fleetOf([a, b], [{ ...a, retired: true }]);
    expect([fleet.find('a'), fleet.find('phone'), fleet.findNumber(1)]).toEqual([undefined, undefined, undefined]);
    expect(fleet.get('a')).toMatchObject({ number: 1, retired: true });
    for (const vehicle of fleet.register([{ ...b, aliases: ['a'] }])) fleet.put(vehicle);
    expect(fleet.find('a')?.id).toBe('b');
  });

  test('by number', () => {
    const fleet = fleetOf([a, b]);
    expect([0, 1, 2, 3].map((number) => fleet.findNumber(number)?.id)).toEqual([undefined, 'a', 'b', undefined]);
  });

  test('by number where two records wrongly have the same: the later has it, and keeps it', () => {
    const fleet = new Fleet();
    const records: Vehicle[] = [
      { id: 'x', number: 5, class: 'heavy' },
      { id: 'y', number: 5, class: 'heavy' },
      { id: 'x', number: 6, class: 'heavy' },
    ];
    for (const record of records) fleet.put(record);
    expect([fleet.findNumber(5)?.id, fleet.findNumber(6)?.id]).toEqual(['y', 'x']);
  });
});

test('each record is a revision', () => {
  const fleet = fleetOf([a, b]);
  expect([fleet.revision, fleet.size]).toEqual([2, 2]);
});
