import { decodeRecord, homePartition, parseFixText, rowsPerRecordMax } from '@haulwatch/codec';
import { fixesPerRequestMax, fixSchema } from '@haulwatch/contract';
import { FixBatch } from '@haulwatch/domain';
import type { LogRecord } from '@haulwatch/ports';
import { describe, expect, test } from 'vitest';
import { apiForTests, nowMs, telemetryPartitions, type ApiForTests } from '../test/api-for-tests.ts';

const fix = { vehicleId: 'truck-1', fixedAtMs: nowMs - 500, lonDeg: 121.47, latDeg: 31.23, speedKph: 81.5 };
const ndjson = 'application/x-ndjson';
const json = 'application/json';

function post(api: ApiForTests, payload: string, type = json) {
  return api.app.inject({ method: 'POST', url: '/v1/fixes', headers: { 'content-type': type }, payload });
}

const text = (record: LogRecord | undefined) => Buffer.from(record?.value ?? []).toString();

describe('POST /v1/fixes takes', () => {
  test.each([
    ['one', JSON.stringify(fix), json, 1],
    ['an array', JSON.stringify([fix, { ...fix, vehicleId: 'truck-2' }]), json, 2],
    ['NDJSON', `${JSON.stringify(fix)}\n\n${JSON.stringify(fix)}\r\n`, ndjson, 2],
    ['one line of NDJSON without its end', JSON.stringify(fix), `${ndjson}; charset=utf-8`, 1],
  ])('%s', async (_name, payload, type, accepted) => {
    const api = await apiForTests();
    const answer = await post(api, payload, type);
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted, rejected: [] }]);
    expect(await api.records(api.topics.telemetry)).toHaveLength(accepted);
  });

  test('it stands in telemetry at home, keyed by the vehicle, received now', async () => {
    const api = await apiForTests();
    await post(api, JSON.stringify(fix));
    const [record] = await api.records(api.topics.telemetry);
    expect(record?.partition).toBe(homePartition('truck-1', telemetryPartitions));
    expect(Buffer.from(record?.key ?? []).toString()).toBe('truck-1');
    expect(parseFixText(record?.value ?? null)).toEqual({ ...fix, receivedAtMs: nowMs });
  });

  test('a receipt that a gateway has stamped stays', async () => {
    const api = await apiForTests();
    await post(api, JSON.stringify({ ...fix, receivedAtMs: nowMs - 100 }));
    const [record] = await api.records(api.topics.telemetry);
    expect(parseFixText(record?.value ?? null)).toMatchObject({ receivedAtMs: nowMs - 100 });
  });

  test('an alias becomes the vehicle, so that all its fixes meet in one partition', async () => {
    const api = await apiForTests();
    await api.app.inject({
      method: 'PUT',
      url: '/v1/vehicles',
      payload: [{ id: 'SH-9', class: 'heavy', aliases: ['138'] }],
    });
    await post(api, JSON.stringify({ ...fix, vehicleId: '138' }));
    const [record] = await api.records(api.topics.telemetry);
    expect(record?.partition).toBe(homePartition('SH-9', telemetryPartitions));
    expect(parseFixText(record?.value ?? null)).toMatchObject({ vehicleId: 'SH-9' });
  });
});

describe('what cannot be read', () => {
  test('bad items are told one by one and go to the dead letters; the good ones around them are taken', async () => {
    const api = await apiForTests();
    const lines = [
      JSON.stringify(fix),
      '{"vehicleId":',
      '',
      JSON.stringify({ ...fix, latDeg: 91 }),
      '7',
      JSON.stringify(fix),
    ];
    const answer = await post(api, lines.join('\n'), ndjson);
    expect([answer.statusCode, answer.json().accepted]).toEqual([202, 2]);
    expect(answer.json().rejected).toMatchObject([
      { index: 1, reason: 'json-broken' },
      { index: 3, reason: 'coordinates-out-of-range', detail: expect.stringContaining('latDeg') },
      { index: 4, reason: 'json-broken' },
    ]);
    expect(await api.records(api.topics.telemetry)).toHaveLength(2);
    const letters = await api.records(api.topics.deadLetters);
    expect(letters.map(text)).toEqual([lines[1], lines[3], lines[4]]);
    expect(letters[1]?.headers).toMatchObject({ source: 'http', reason: 'coordinates-out-of-range', index: '3' });
  });

  test.each([
    ['broken JSON', '{"vehicleId":', json, 1],
    ['one fix without its time', JSON.stringify({ ...fix, fixedAtMs: undefined }), json, 1],
    ['an array of no fix', '[1, null, "x"]', json, 3],
    ['NDJSON that is none', 'hello\nworld', ndjson, 2],
  ])('%s: nothing could be read, so 400; it is kept all the same', async (_name, payload, type, letters) => {
    const api = await apiForTests();
    const answer = await post(api, payload, type);
    expect(answer.json()).toMatchObject({ status: 400, type: 'urn:haulwatch:problem:no-fix-readable' });
    expect(answer.json().rejected).toHaveLength(letters);
    expect(await api.records(api.topics.telemetry)).toEqual([]);
    expect(await api.records(api.topics.deadLetters)).toHaveLength(letters);
  });

  test.each([
    ['nothing', '', json],
    ['blank lines', '\n \n', ndjson],
    ['an empty array', '[]', json],
  ])('%s is 400', async (_name, payload, type) => {
    const answer = await post(await apiForTests(), payload, type);
    expect(answer.json()).toMatchObject({ status: 400, detail: 'the body is empty: send a fix' });
  });

  test('the emergency button is heard though the position is broken', async () => {
    const api = await apiForTests();
    const broken = { ...fix, lonDeg: 500, alarmFlags: 1 };
    const answer = await post(api, JSON.stringify(broken));
    expect(answer.json()).toMatchObject({ status: 400, rejected: [{ reason: 'coordinates-out-of-range' }] });
    const [record] = await api.records(api.topics.telemetry);
    expect(parseFixText(record?.value ?? null)).toMatchObject({ vehicleId: 'truck-1', valid: false, alarmFlags: 1 });
  });

  test('a letter is cut to what tells enough', async () => {
    const api = await apiForTests();
    await post(api, JSON.stringify({ ...fix, latDeg: 'x'.repeat(100_000) }));
    const [letter] = await api.records(api.topics.deadLetters);
    expect(letter?.value).toHaveLength(64 * 1024);
    expect(Number(letter?.headers['truncated-from-bytes'])).toBeGreaterThan(100_000);
  });
});

describe('limits', () => {
  test.each([
    ['too many fixes', `[${'1,'.repeat(fixesPerRequestMax)}1]`, json, 413],
    ['a body of 6 MB', `"${'x'.repeat(6_000_000)}"`, json, 413],
    ['another type', 'vehicleId=1', 'application/x-www-form-urlencoded', 415],
    ['plain text, which a page of another site could send', JSON.stringify(fix), 'text/plain', 415],
  ])('%s', async (_name, payload, type, status) => {
    const api = await apiForTests();
    const answer = await post(api, payload, type);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json().status).toBe(status);
    expect(await api.records(api.topics.telemetry)).toEqual([]);
  });

  test('too many requests are turned away with the time to come back', async () => {
    const api = await apiForTests({ limits: { fixRequestsPerMinute: 2 } });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await post(api, JSON.stringify(fix))).statusCode);
    expect(statuses).toEqual([202, 202, 429]);
    const answer = await post(api, JSON.stringify(fix));
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    // Other routes have a limit of their own.
    expect((await api.app.inject('/v1/alarms')).statusCode).toBe(200);
  });
});

test('what came in is counted', async () => {
  const api = await apiForTests();
  await post(api, JSON.stringify([fix, fix, { ...fix, lonDeg: 181 }]));
  const lines = (await api.registry.metrics()).split('\n');
  expect(lines).toContain('haulwatch_api_fixes_total 2');
  expect(lines).toContain('haulwatch_api_fix_rejects_total{reason="coordinates-out-of-range"} 1');
});

/** The document promises what the parser does; it may only be stricter where JSON Schema cannot say it. */
describe('the schema of the document, the parser and the way into the engine agree on', () => {
  test.each([
    [fix, true],
    [{ ...fix, speedKph: 6_553.4, headingDeg: 360, altitudeM: -20, accuracyM: 0, valid: false, mileageKm: 1 }, true],
    [
      {
        ...fix,
        alarmFlags: 0xffff_ffff,
        statusFlags: 0,
        driverId: 'd',
        sensors: { a: 1, b: 'x', c: true },
        blindZone: true,
      },
      true,
    ],
    [
      { ...fix, lonDeg: -180, latDeg: 90, accuracyM: 1_000_000, mileageKm: 429_496_729.4, statusFlags: 0xffff_ffff },
      true,
    ],
    [{ ...fix, fixedAtMs: 946_684_800_000, receivedAtMs: 4_102_444_799_999, headingDeg: 0.1 + 0.2 }, true],
    [{ ...fix, vehicleId: 'x'.repeat(64), driverId: 'd'.repeat(64), blindZone: false, valid: true }, true],
    [{ ...fix, vehicleId: '沪A\u00b712345', driverId: '"\\' }, true],
    [{ ...fix, headingDeg: 1e-9, latDeg: 1e-300 }, true],
    [{ ...fix, fixedAtMs: 946_684_799_999 }, false],
    [{ ...fix, receivedAtMs: 4_102_444_800_000 }, false],
    [{ ...fix, latDeg: -90.0000001 }, false],
    [{ ...fix, accuracyM: 1_000_000.1 }, false],
    [{ ...fix, statusFlags: -1 }, false],
    [{ ...fix, blindZone: 1 }, false],
    [{ ...fix, driverId: '' }, false],
    [{ ...fix, driverId: 'd'.repeat(65) }, false],
    [{ vehicleId: 'truck-1', fixedAtMs: nowMs, lonDeg: 121.47 }, false],
    [{ ...fix, vehicleId: '' }, false],
    [{ ...fix, vehicleId: 'x'.repeat(65) }, false],
    [{ ...fix, vehicleId: 7 }, false],
    [{ ...fix, fixedAtMs: '1700000000000' }, false],
    [{ ...fix, lonDeg: 180.1 }, false],
    [{ ...fix, latDeg: Number.NaN }, false],
    [{ ...fix, speedKph: -1 }, false],
    [{ ...fix, speedKph: 6_553.5 }, false],
    [{ ...fix, headingDeg: 361 }, false],
    [{ ...fix, alarmFlags: 1.5 }, false],
    [{ ...fix, alarmFlags: 2 ** 32 }, false],
    [{ ...fix, valid: 'yes' }, false],
    [{ ...fix, sensors: { a: [] } }, false],
    [{ ...fix, terminalEvents: [] }, true],
    [{ ...fix, terminalEvents: [{ code: 0x6401, level: 2, state: 1 }] }, true],
    [{ ...fix, terminalEvents: Array.from({ length: 32 }, () => ({ code: 65_535, level: 0, state: 0 })) }, true],
    [{ ...fix, terminalEvents: Array.from({ length: 33 }, () => ({ code: 65_535, level: 0, state: 0 })) }, false],
    [{ ...fix, terminalEvents: [{ code: 65_536, level: 0, state: 0 }] }, false],
    [{ ...fix, terminalEvents: [{ code: 0x6401, level: 3, state: 0 }] }, false],
    [{ ...fix, terminalEvents: [{ code: 0x6401, level: 1 }] }, false],
    [{ ...fix, terminalEvents: [25_601] }, false],
    [{ ...fix, fixedAtMs: 12 }, false],
    [{ ...fix, mileageKm: -1 }, false],
    [{ ...fix, altitudeM: 40_000 }, false],
    [[fix], false],
  ])('%j: %s', async (value, good) => {
    expect(fixSchema.safeParse(value).success).toBe(good);
    const record = { value: Buffer.from(JSON.stringify(value)), offset: 0, timestampMs: nowMs };
    expect('reason' in (parseFixText(record.value) as object)).toBe(!good);
    const batch = new FixBatch(rowsPerRecordMax);
    const here = { resolve: () => 0, resolveNumber: () => 0 };
    expect('reason' in decodeRecord(record, here, batch)).toBe(!good);
    expect([batch.count, batch.reject[0]]).toEqual([good ? 1 : 0, 0]);
  });
});
