import { vendorMappingDefault, type Policy } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { fileWithFence } from './_fences.ts';
import { parsePolicy } from './policy-file.ts';
import { decodePolicy, encodePolicy } from './policy-record.ts';
import { problemText } from './problem.ts';

function parsed(vendors: unknown): Policy | string[] {
  const file = fileWithFence('Point', [121, 31], { radiusM: 50 }) as object;
  const result = parsePolicy({ ...file, vendors }, 1);
  return result.ok ? result.policy : result.problems.map(problemText);
}

const lift = { from: 0xe1, signal: 'lift', states: { '0': 'flat', '1': 'raised' } };
const temperature = { from: 'status', bit: 23, bits: 9, sensor: 'tankC', sign: 'two', scale: 0.5, min: -40, max: 90 };

test.each([
  ['the one that is known without a policy', vendorMappingDefault],
  ['none at all', []],
  [
    'one with all there is',
    [
      {
        name: 'Vendor',
        terminals: { phones: ['13800000000'], makers: ['70111'], models: ['X1'] },
        alarmBits: { '0': 'vibration', '31': 'low battery' },
        readings: [
          { ...lift, sub: { id: 0x0101, idBytes: 2, lengthBytes: 1 }, at: 2, bytes: 4, bit: 31, bits: 1 },
          temperature,
        ],
      },
    ],
  ],
])('a mapping comes out as it is written and travels: %s', (_what, vendors) => {
  const policy = parsed(vendors) as Policy;
  expect(policy.vendors).toEqual(vendors);
  expect(decodePolicy(encodePolicy(policy))).toEqual(policy);
});

test('a policy that says nothing of vendors has none', () => {
  const file = fileWithFence('Point', [121, 31], { radiusM: 50 });
  const result = parsePolicy(file, 1);
  expect(result.ok && 'vendors' in result.policy).toBe(false);
});

test.each<[profile: object, problem: string]>([
  [{ name: 'V' }, ': the profile does nothing: give it alarmBits or readings'],
  [{ readings: [lift] }, '.name: is missing: expected string'],
  [{ name: 'V', readings: [] }, '.readings: must have at least 1 item'],
  [{ name: 'V', terminals: {}, readings: [lift] }, '.terminals: names no terminal: leave it out for all of them'],
  [{ name: 'V', alarmBits: { '32': 'x' } }, '.alarmBits.32: expected the number of a bit, 0 to 31'],
])('profile %j', (profile, problem) => {
  expect(parsed([profile])).toEqual([`vendors[0]${problem}`]);
});

test.each<[reading: object, problem: string]>([
  [{ from: 1 }, ': needs a signal or a sensor, one of them'],
  [{ ...lift, sensor: 'x' }, ': needs a signal or a sensor, one of them'],
  [{ ...lift, from: 256 }, '.from: must be at most 255'],
  [{ ...lift, from: 'item' }, '.from: expected the id of an item, 0 to 255, or "status"'],
  [{ ...lift, form: 1 }, ".form: is not a known key; did you mean 'from'?"],
  [{ ...lift, bits: 2 }, '.bits: needs bit, the lowest of them'],
  [{ ...lift, bytes: 1, bit: 7, bits: 2 }, '.bit: ends beyond the 8 bits there are'],
  [{ ...lift, scale: 2 }, '.scale: only a sensor has it'],
  [{ ...lift, signal: 'lid' }, '.signal: expected one of "load"|"cover"|"lift"|"drum"|"valve"'],
  [{ ...lift, states: { '1': 'up' } }, '.states.1: the signal lift is one of flat, raised'],
  [{ ...lift, states: { on: 'raised' } }, '.states.on: expected a whole number'],
  [{ ...lift, states: {} }, '.states: is missing: say which numbers are flat, raised'],
  [{ from: 1, signal: 'lift' }, '.states: is missing: say which numbers are flat, raised'],
  [{ ...temperature, states: { '1': 'x' } }, '.states: only a signal has states'],
  [{ ...temperature, min: 91 }, '.min: must not be above max'],
  [{ from: 'status', sub: { id: 1, idBytes: 1, lengthBytes: 1 }, sensor: 'x' }, '.sub: the status word is no list'],
])('reading %j', (reading, problem) => {
  expect(parsed([{ name: 'V', readings: [reading] }])).toEqual([`vendors[0].readings[0]${problem}`]);
});
