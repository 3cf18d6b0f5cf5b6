import { readFileSync } from 'node:fs';
import { decodePolicy, vehiclesPerRequestMax } from '@haulwatch/contract';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiForTests, type ApiForTests } from '../test/api-for-tests.ts';

const shanghai = parse(
  readFileSync(new URL('../../../deploy/policies/shanghai.yaml', import.meta.url), 'utf8'),
) as Record<string, unknown>;

describe('PUT /v1/vehicles', () => {
  const put = ({ app }: ApiForTests, payload: string | object, type = 'application/json') =>
    app.inject({ method: 'PUT', url: '/v1/vehicles', headers: { 'content-type': type }, payload });

  test.each([
    ['a JSON array', '[{"id":"A","class":"coach"},{"id":"B","class":"mixer"}]', 'application/json'],
    ['NDJSON', '{"id":"A","class":"coach"}\n{"id":"B","class":"mixer"}\n', 'application/x-ndjson'],
  ])('%s is registered, numbered and visible when it is answered', async (_name, payload, type) => {
    const api = await apiForTests();
    const answer = await put(api, payload, type);
    expect([answer.statusCode, answer.json()]).toEqual([200, { registered: 2, unchanged: 0, vehicles: 2 }]);
    expect((await api.app.inject('/v1/vehicles/B')).json().vehicle).toEqual({ id: 'B', number: 2, class: 'mixer' });
    expect(await api.records(api.topics.fleet)).toHaveLength(2);
  });

  test('repeating it changes nothing; a change keeps the number', async () => {
    const api = await apiForTests();
    await put(api, [{ id: 'A', class: 'coach' }]);
    expect((await put(api, [{ id: 'A', class: 'coach' }])).json()).toEqual({
      registered: 0,
      unchanged: 1,
      vehicles: 1,
    });
    await put(api, [
      { id: 'B', class: 'heavy' },
      { id: 'A', class: 'hazmat' },
    ]);
    expect((await api.app.inject('/v1/vehicles/A')).json().vehicle).toMatchObject({ number: 1, class: 'hazmat' });
    // Compaction may drop the older record of A; its offset is not given again.
    expect(await api.log.endOffsets(api.topics.fleet)).toEqual([3]);
  });

  test('many at once, by several clients at the same moment, get numbers of their own', async () => {
    const api = await apiForTests();
    const fleetOf = (prefix: string) =>
      Array.from({ length: 1_500 }, (_, n) => ({ id: `${prefix}${n}`, class: 'heavy' }));
    const answers = await Promise.all(['a', 'b'].map((prefix) => put(api, fleetOf(prefix))));
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200]);
    const records = await api.records(api.topics.fleet);
    const numbers = new Set(records.map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()).number));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, n) => n + 1));
  });

  test.each([
    ['a class that is none', [{ id: 'A', class: 'tank' }], 'application/json', [[0, 'class']]],
    [
      'two mistakes',
      [{ class: 'coach' }, { id: 'B', class: 'coach', colour: 'red' }],
      'application/json',
      [
        [0, 'id'],
        [1, 'colour'],
      ],
    ],
    [
      'an id twice',
      [
        { id: 'A', class: 'coach' },
        { id: 'A', class: 'coach' },
      ],
      'application/json',
      [[1, 'id']],
    ],
    [
      'an alias that is a vehicle',
      [{ id: 'B', class: 'coach', aliases: ['OLD'] }],
      'application/json',
      [[0, 'aliases']],
    ],
    ['a broken line', '{"id":"A","class":"coach"}\n{', 'application/x-ndjson', [[1]]],
    ['no list', { id: 'A', class: 'coach' }, 'application/json', [[]]],
  ])('%s: 400 with its place, and none is taken', async (_name, payload, type, paths) => {
    const api = await apiForTests();
    await put(api, [{ id: 'OLD', class: 'heavy' }]);
    const answer = await put(api, payload, type);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map(({ path }: { path: unknown }) => path)).toEqual(paths);
    expect(await api.records(api.topics.fleet)).toHaveLength(1);
  });

  test('more than a request may hold is 413', async () => {
    const many = Array.from({ length: vehiclesPerRequestMax + 1 }, (_, n) => ({ id: `v${n}`, class: 'heavy' }));
    expect((await put(await apiForTests(), many)).json()).toMatchObject({ status: 413 });
  });
});

describe('policies', () => {
  const post = ({ app }: ApiForTests, payload: object) => app.inject({ method: 'POST', url: '/v1/policies', payload });

  test('before the first there is none', async () => {
    const { app } = await apiForTests();
    expect((await app.inject('/v1/policies/active')).json()).toMatchObject({ status: 404 });
  });

  test('publishing gives the next version, which is in force when it is answered', async () => {
    const api = await apiForTests();
    const first = await post(api, shanghai);
    expect([first.statusCode, first.json()]).toEqual([201, { version: 1, name: 'Shanghai', published: true }]);
    const second = await post(api, { ...shanghai, name: 'Shanghai, stricter' });
    expect(second.json()).toMatchObject({ version: 2, published: true });
    const active = await api.app.inject('/v1/policies/active');
    expect(active.json()).toMatchObject({ version: 2, name: 'Shanghai, stricter', timeZone: 'Asia/Shanghai' });
    const records = await api.records(api.topics.policies);
    expect(records.map(({ value }) => decodePolicy(value ?? '')).at(-1)).toEqual(active.json());
  });

  test('the same content again is answered with the version in force; nothing is published', async () => {
    const api = await apiForTests();
    await post(api, shanghai);
    const again = await post(api, shanghai);
    expect([again.statusCode, again.json()]).toEqual([200, { version: 1, name: 'Shanghai', published: false }]);
    expect(await api.records(api.topics.policies)).toHaveLength(1);
  });

  test('two who publish at the same moment get two versions', async () => {
    const api = await apiForTests();
    const answers = await Promise.all(['a', 'b'].map((name) => post(api, { ...shanghai, name })));
    expect(answers.map((answer) => answer.json().version)).toEqual([1, 2]);
  });

  test('a bad one is refused with every place that is wrong', async () => {
    const api = await apiForTests();
    const answer = await post(api, { ...shanghai, timeZone: 'Mars', fence: [] });
    expect(answer.json()).toMatchObject({
      status: 400,
      type: 'urn:haulwatch:problem:invalid-policy',
      errors: [
        { path: ['timeZone'], message: 'is not an IANA time zone such as Asia/Shanghai' },
        { path: ['fence'], message: "is not a known key; did you mean 'fences'?" },
      ],
    });
    expect(await api.records(api.topics.policies)).toEqual([]);
  });
});
