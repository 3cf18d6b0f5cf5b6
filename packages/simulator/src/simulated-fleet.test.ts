import { Fleet, vehicleClasses } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { castClasses, classCounts, registerEntries } from './simulated-fleet.ts';

test.each([
  [198_083, { coach: 10_516, hazmat: 10_516, earthwork: 6_298, mixer: 6_229, heavy: 164_524 }],
  [200, { coach: 11, hazmat: 11, earthwork: 6, mixer: 6, heavy: 166 }],
  [5, { coach: 1, hazmat: 1, earthwork: 1, mixer: 1, heavy: 1 }],
  [3, { coach: 0, hazmat: 1, earthwork: 1, mixer: 0, heavy: 1 }],
  [1, { coach: 0, hazmat: 0, earthwork: 0, mixer: 0, heavy: 1 }],
])('%i vehicles have the proportions of the mission', (vehicles, counts) => {
  expect(classCounts(vehicles)).toEqual(counts);
});

test('from five vehicles on there is one of each class, and none too many', () => {
  for (let vehicles = 5; vehicles < 500; vehicles += 1) {
    const counts = Object.values(classCounts(vehicles));
    expect(Math.min(...counts), `${vehicles} vehicles`).toBeGreaterThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(vehicles);
  }
});

describe('the entries for the registry', () => {
  const classes = castClasses(3, 30_000);
  const entries = registerEntries(3, classes);

  test('name each vehicle once, in order, with its class', () => {
    expect(entries[0]).toMatchObject({ id: 'SIM-000001', plate: '沪A·D0001' });
    expect(entries.at(-1)?.id).toBe('SIM-030000');
    expect(new Set(entries.map((entry) => entry.plate)).size).toBe(entries.length);
    expect(entries.map((entry) => vehicleClasses.indexOf(entry.class))).toEqual([...classes]);
  });

  test('give every vehicle a company of its class, in one of the sixteen districts', () => {
    expect(new Set(entries.map((entry) => entry.district)).size).toBe(16);
    const classesOf = Map.groupBy(entries, (entry) => entry.company);
    expect(classesOf.has(undefined)).toBe(false);
    for (const [company, own] of classesOf) {
      expect(new Set(own.map((entry) => entry.class)).size, company).toBe(1);
      expect(new Set(own.map((entry) => entry.district)).size, company).toBe(1);
    }
  });

  test('are taken by the registry as they are', () => {
    expect(new Fleet().register(entries)).toHaveLength(entries.length);
  });

  test('are drawn by the seed alone', () => {
    expect(registerEntries(3, castClasses(3, 500))).toEqual(registerEntries(3, castClasses(3, 500)));
    expect(castClasses(3, 500)).not.toEqual(castClasses(4, 500));
  });
});
