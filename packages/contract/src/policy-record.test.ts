import { readFileSync } from 'node:fs';
import type { Policy, Tier } from '@haulwatch/domain';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { flappingDefaults, floodDefaults, motionDefaults } from './motion-schema.ts';
import { PolicyBook } from './policy-book.ts';
import { parsePolicy } from './policy-file.ts';
import { decodePolicy, encodePolicy, policyKey, samePolicy } from './policy-record.ts';
import { stormDefaults } from './storm-schema.ts';

let policy: Policy;

beforeAll(() => {
  const file = readFileSync(new URL('../../../deploy/policies/shanghai.yaml', import.meta.url), 'utf8');
  const parsed = parsePolicy(parse(file), 1);
  if (!parsed.ok) throw new Error('the default policy does not parse');
  policy = parsed.policy;
});

function policyRule(thresholds: object): object {
  const now = { value: 0, source: 'x' };
  return { when: {}, level: 1, tier: 'T0', minDurationS: now, clearAfterS: now, thresholds, cases: [] };
}

function sosOf(tier: Tier, cases?: readonly (Tier | undefined)[]): Policy['sos'] {
  const list = cases?.map((one) => ({ when: {}, level: 4 as const, ...(one === undefined ? {} : { tier: one }) }));
  return { clearAfterS: { value: 60, source: 'x' }, level: 4, tier, ...(list === undefined ? {} : { cases: list }) };
}

describe('policies on the wire', () => {
  test('what is encoded is what is decoded, as text and as bytes', () => {
    expect(decodePolicy(encodePolicy(policy))).toEqual(policy);
    expect(decodePolicy(new TextEncoder().encode(encodePolicy(policy)))).toEqual(policy);
  });

  test('a policy of the file and one of the log say the same in the same order: it is not published twice', () => {
    expect(encodePolicy(decodePolicy(encodePolicy(policy)) as Policy)).toBe(encodePolicy(policy));
  });

  test('one that was published before there were more rules has them off, and the defaults', () => {
    const { motion: _motion, rules: _rules, flapping: _flapping, flood: _flood, storms: _storms, ...old } = policy;
    const fences = old.fences.map(({ uses: _uses, dwellMaxS: _dwellMaxS, ...fence }) => fence);
    expect(decodePolicy(JSON.stringify({ ...old, fences }))).toEqual({
      ...old,
      fences,
      motion: motionDefaults,
      rules: {},
      flapping: flappingDefaults,
      flood: floodDefaults,
      storms: stormDefaults,
    });
  });

  test.each<[what: string, rules: object, taken: boolean]>([
    ['a rule of a later version is left out', { 'told-by-nobody': { level: 9 } }, true],
    ['one of ours that is broken is a reject', { collision: { level: 9 } }, false],
    ['one without its numbers is a reject', { offline: policyRule({}) }, false],
  ])('%s', (_what, rules, taken) => {
    const decoded = decodePolicy(JSON.stringify({ ...policy, rules }));
    expect(decoded).toMatchObject(taken ? { rules: {} } : { reason: 'field-type' });
  });

  test.each<[told: Policy['sos'], heard: Policy['sos']]>([
    [sosOf('T0'), sosOf('T2')],
    [sosOf('T1', ['T3', 'T0', undefined]), sosOf('T2', ['T3', 'T2', undefined])],
    [sosOf('T3', ['T1']), sosOf('T3', ['T2'])],
  ])('an emergency button that an old policy silences is heard, and that is said: %o', (told, heard) => {
    const said: string[] = [];
    const decoded = decodePolicy(encodePolicy({ ...policy, sos: told }), (detail) => said.push(detail));
    expect(decoded).toEqual({ ...policy, sos: heard });
    expect(said).toEqual([expect.stringContaining('policy v1: sos has tier')]);
  });

  test('one that somebody must answer is as it is, and nothing is said', () => {
    const loud = { ...policy, sos: sosOf('T2', ['T3', undefined]) };
    expect(decodePolicy(encodePolicy(loud), expect.unreachable)).toEqual(loud);
  });

  test('a corridor travels as it is; one without a line or a width is a reject', () => {
    const withCorridor = (line: readonly (readonly [number, number])[], halfWidthM: number): Policy => ({
      ...policy,
      fences: policy.fences.map((fence) => ({ ...fence, shape: { kind: 'corridor', line, halfWidthM } })),
    });
    const road: [number, number][] = [
      [121, 31],
      [180.5, 32],
    ];
    expect(decodePolicy(encodePolicy(withCorridor(road, 25)))).toEqual(withCorridor(road, 25));
    expect(decodePolicy(encodePolicy(withCorridor(road.slice(1), 25)))).toMatchObject({ reason: 'field-type' });
    expect(decodePolicy(encodePolicy(withCorridor(road, 0)))).toMatchObject({ reason: 'field-type' });
  });

  test.each([
    ['{', 'json-broken'],
    ['', 'json-broken'],
    [new Uint8Array([0xff, 0xfe]), 'json-broken'],
    ['null', 'field-type'],
    ['{"name":"x"}', 'field-type'],
  ])('%j is a reject, not an exception', (record, reason) => {
    expect(decodePolicy(record)).toMatchObject({ reason });
  });

  test('the same content is the same under any version, another content is not', () => {
    expect(samePolicy(policy, { ...policy, version: 9 })).toBe(true);
    expect(samePolicy(policy, { ...policy, timeZone: 'UTC' })).toBe(false);
  });

  test('two contents of one version have two keys, so compaction keeps both', () => {
    expect(policyKey(policy)).toMatch(/^1-[0-9a-f]{8}$/);
    expect(policyKey({ ...policy, timeZone: 'UTC' })).not.toBe(policyKey(policy));
  });
});

describe('the book of policies', () => {
  test('the highest version is active, and of one version the first record', () => {
    const book = new PolicyBook();
    expect([book.active, book.nextVersion]).toEqual([undefined, 1]);
    expect(book.put({ ...policy, version: 1 })).toBe(true);
    expect(book.put({ ...policy, version: 3, name: 'three' })).toBe(true);
    expect(book.put({ ...policy, version: 3, name: 'also three' })).toBe(false);
    expect(book.put({ ...policy, version: 2, name: 'two, told late' })).toBe(true);
    expect(book.active?.name).toBe('three');
    expect(book.nextVersion).toBe(4);
  });
});
