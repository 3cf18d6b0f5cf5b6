import { Validator } from '@seriousme/openapi-schema-validator';
import { HistoryError } from '@haulwatch/postgres';
import { LogError } from '@haulwatch/ports';
import { describe, expect, test } from 'vitest';
import { apiForTests } from '../test/api-for-tests.ts';

const routes = [
  'get /v1/alarms',
  'get /v1/alarms/open',
  'get /v1/alarms/{id}',
  'get /v1/events',
  'get /v1/policies/active',
  'get /v1/status',
  'get /v1/vehicles/{id}',
  'post /v1/fixes',
  'post /v1/policies',
  'put /v1/vehicles',
  'get /healthz',
  'get /metrics',
  'get /readyz',
];

describe('/openapi.json', () => {
  test('is a valid OpenAPI 3.1 document with every route', async () => {
    const { app } = await apiForTests();
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    const told = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(told.sort()).toEqual(routes.sort());
    for (const name of [
      'Alarm',
      'AlarmPage',
      'FixesAnswer',
      'OpenAlarms',
      'Policy',
      'PolicyFileInput',
      'Problem',
      'Status',
      'Vehicle',
    ]) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  test('names both types of body and the problems of each route of /v1', async () => {
    const { app } = await apiForTests();
    const { paths } = (await app.inject('/openapi.json')).json();
    expect(Object.keys(paths['/v1/fixes'].post.requestBody.content)).toEqual([
      'application/json',
      'application/x-ndjson',
    ]);
    for (const [path, methods] of Object.entries(
      paths as Record<string, Record<string, { responses: Record<string, unknown> }>>,
    )) {
      if (!path.startsWith('/v1/')) continue;
      for (const { responses } of Object.values(methods)) {
        expect(responses['default'], path).toMatchObject({ content: { 'application/problem+json': {} } });
      }
    }
  });
});

describe('problems (RFC 9457)', () => {
  test.each([
    ['GET', '/v1/nothing', 404, 'not-found', undefined],
    ['POST', '/nothing', 404, 'not-found', undefined],
    ['GET', '/v1/fixes', 405, 'method-not-allowed', 'POST'],
    ['DELETE', '/v1/alarms', 405, 'method-not-allowed', 'GET, HEAD'],
    ['PUT', '/v1/alarms/7', 405, 'method-not-allowed', 'GET, HEAD'],
    ['GET', '/v1/policies', 405, 'method-not-allowed', 'POST'],
    ['GET', '/v1/alarms/%ZZ', 400, 'invalid-request', undefined],
    ['GET', `/v1/vehicles/${'x'.repeat(65)}`, 400, 'invalid-request', undefined],
    ['GET', `/v1/vehicles/${'x'.repeat(2_000)}`, 404, 'not-found', undefined],
  ] as const)('%s %s: %i', async (method, url, status, code, allow) => {
    const { app } = await apiForTests();
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['allow']).toBe(allow);
    expect(answer.json()).toMatchObject({ type: `urn:haulwatch:problem:${code}`, status, title: expect.any(String) });
  });

  test.each([
    ['broken JSON', '{', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a prototype in disguise', '{"__proto__":{"a":1}}', 'application/json', 400],
    ['a form', 'a=1', 'application/x-www-form-urlencoded', 415],
    ['6 MB', `"${'x'.repeat(6_000_000)}"`, 'application/json', 413],
  ])('POST /v1/policies with %s', async (_name, payload, type, status) => {
    const { app } = await apiForTests();
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/policies',
      headers: { 'content-type': type },
      payload,
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json().status).toBe(status);
  });

  test.each([
    [
      new HistoryError('unreachable', 'PostgreSQL cannot be reached', { retriable: true }),
      503,
      'PostgreSQL cannot be reached',
      '2',
    ],
    [
      new HistoryError('failed', 'its words', { retriable: false }),
      500,
      expect.stringContaining('instance'),
      undefined,
    ],
    [new TypeError('x is undefined'), 500, expect.stringContaining('instance'), undefined],
  ])('a history that throws %s', async (failure, status, detail, retryAfter) => {
    const { app, history } = await apiForTests();
    history.failure = failure;
    const answer = await app.inject('/v1/alarms');
    expect(answer.json()).toMatchObject({ status, detail, instance: expect.any(String) });
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  test.each([
    [new LogError('unreachable', 'no broker answers', { retriable: true }), 503],
    [new LogError('record-too-large', 'too large', { retriable: false }), 413],
    [new LogError('failed', 'its words', { retriable: false }), 500],
  ])('a log that throws %s', async (failure, status) => {
    const { app } = await apiForTests({ logCalls: { append: () => Promise.reject(failure) } });
    const payload = { vehicleId: 'a', fixedAtMs: 1_700_000_000_000, lonDeg: 1, latDeg: 1 };
    const answer = await app.inject({ method: 'POST', url: '/v1/fixes', payload });
    expect(answer.json().status).toBe(status);
  });

  test('too many requests: 429 with the time to come back', async () => {
    const { app } = await apiForTests({ limits: { requestsPerMinute: 2 } });
    await app.inject('/v1/alarms');
    await app.inject('/v1/alarms');
    const answer = await app.inject('/v1/alarms');
    expect(answer.json()).toMatchObject({ status: 429, type: 'urn:haulwatch:problem:too-many-requests' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('who may ask', () => {
  test.each([
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['[::1]:8080', 200],
    ['LOCALHOST:80', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example:8080', 421],
    ['localhost.evil.example', 421],
    ['192.168.1.7:8080', 421],
  ])('Host "%s": %i, so that no other name can be bound to this machine', async (host, status) => {
    const { app } = await apiForTests();
    const answer = await app.inject({ url: '/healthz', headers: { host } });
    expect(answer.statusCode).toBe(status);
  });

  test.each([
    ['https://evil.example', 403],
    ['http://localhost:9999', 403],
    ['null', 403],
    ['http://localhost:80', 200],
    [undefined, 200],
  ])('a write from a page of %s: %i', async (origin, status) => {
    const { app } = await apiForTests();
    const headers = { host: 'localhost:80', ...(origin !== undefined && { origin }) };
    const payload = [{ id: 'A', class: 'coach' }];
    expect((await app.inject({ method: 'PUT', url: '/v1/vehicles', headers, payload })).statusCode).toBe(status);
  });
});

describe('the page', () => {
  test('is served, and may run nothing but its own', async () => {
    const { app } = await apiForTests();
    const answer = await app.inject('/');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each(['/missing.js', '/../package.json', '/%2e%2e/package.json'])('%s is not there', async (url) => {
    const { app } = await apiForTests();
    const answer = await app.inject(url);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });
});
