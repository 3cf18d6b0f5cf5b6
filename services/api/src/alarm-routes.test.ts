import { alarmAfter } from '@haulwatch/domain';
import { fullStep, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { describe, expect, test } from 'vitest';
import { apiForTests, nowMs } from '../test/api-for-tests.ts';

/** Ten alarms, one a minute; every third of the class hazmat, the last two cleared. */
const steps = Array.from({ length: 10 }, (_, n) =>
  sampleStep({
    alarmId: sampleAlarmId(n),
    vehicleId: `truck-${n % 2}`,
    class: n % 3 === 0 ? 'hazmat' : 'heavy',
    rule: n === 4 ? 'sos' : 'overspeed',
    level: n === 4 ? 4 : 2,
    late: n === 5,
    startedAtMs: nowMs + n * 60_000,
    kind: n >= 8 ? 'cleared' : 'raised',
  }),
);

const ids = (alarms: readonly { readonly alarmId: string }[]) =>
  alarms.map(({ alarmId }) => Number.parseInt(alarmId, 16));

describe('GET /v1/alarms', () => {
  test.each([
    ['', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['status=open', [7, 6, 5, 4, 3, 2, 1, 0]],
    ['status=cleared', [9, 8]],
    ['rule=sos', [4]],
    ['levelMin=3', [4]],
    ['class=hazmat', [9, 6, 3, 0]],
    ['vehicleId=truck-1&status=open', [7, 5, 3, 1]],
    ['vehicleId=phone-1&status=open', [7, 5, 3, 1]],
    ['late=true', [5]],
    ['late=false&class=heavy', [8, 7, 4, 2, 1]],
    [`fromMs=${nowMs + 60_000}&toMs=${nowMs + 180_000}`, [2, 1]],
    ['company=nobody', []],
    ['limit=3', [9, 8, 7]],
  ])('%s', async (query, expected) => {
    const { app, happened } = await apiForTests();
    await app.inject({
      method: 'PUT',
      url: '/v1/vehicles',
      payload: [{ id: 'truck-1', class: 'heavy', aliases: ['phone-1'] }],
    });
    await happened(...steps);
    const answer = await app.inject(`/v1/alarms?${query}`);
    expect(answer.statusCode).toBe(200);
    expect(ids(answer.json().alarms)).toEqual(expected);
  });

  test('pages by cursor without a hole and without a repeat, and the last page says so', async () => {
    const { app, happened } = await apiForTests();
    await happened(...steps);
    const pages: number[][] = [];
    let cursor = '';
    do {
      const page = (await app.inject(`/v1/alarms?limit=4${cursor}`)).json();
      pages.push(ids(page.alarms));
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(pages).toEqual([
      [9, 8, 7, 6],
      [5, 4, 3, 2],
      [1, 0],
    ]);
  });

  test.each([
    ['levelMin=5', 'levelMin'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['status=opened', 'status'],
    ['stauts=open', 'stauts'],
    ['fromMs=yesterday', 'fromMs'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('[1]').toString('base64url')}`, 'cursor'],
  ])('%s is a problem that names the parameter', async (query, parameter) => {
    const { app } = await apiForTests();
    const answer = await app.inject(`/v1/alarms?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'urn:haulwatch:problem:invalid-request',
      errors: [{ path: [parameter] }],
    });
  });
});

describe('GET /v1/alarms/open', () => {
  // Alarm 5 is late, 8 and 9 are cleared.
  test.each([
    ['', [7, 6, 4, 3, 2, 1, 0], true],
    ['?limit=8', [7, 6, 4, 3, 2, 1, 0], true],
    ['?limit=7', [7, 6, 4, 3, 2, 1, 0], true],
    ['?limit=6', [7, 6, 4, 3, 2, 1], false],
    ['?limit=3', [7, 6, 4], false],
  ])('%s', async (query, expected, complete) => {
    const { app, happened } = await apiForTests();
    await happened(...steps);
    const answer = await app.inject(`/v1/alarms/open${query}`);
    expect(answer.statusCode).toBe(200);
    expect(ids(answer.json().alarms)).toEqual(expected);
    expect(answer.json().complete).toBe(complete);
  });

  test('names what is in the live store though the history is behind, or away', async () => {
    const { app, live, history } = await apiForTests();
    const alarm = alarmAfter(sampleStep());
    await live.apply({ after: -1, upTo: 0, writes: [{ op: 'put-alarm', position: 0, alarm }] });
    expect((await app.inject('/v1/alarms?status=open')).json().alarms).toEqual([]);
    history.failure = new Error('no database');
    expect((await app.inject('/v1/alarms/open')).json()).toEqual({ alarms: [alarm], complete: true });
  });

  test.each(['limit=0', 'limit=501', 'limit=all', 'status=open'])('%s is a problem', async (query) => {
    const { app } = await apiForTests();
    expect((await app.inject(`/v1/alarms/open?${query}`)).json()).toMatchObject({
      status: 400,
      errors: [{ path: [query.split('=')[0]] }],
    });
  });
});

describe('GET /v1/alarms/{id}', () => {
  test('one alarm with every field of its steps', async () => {
    const { app, happened } = await apiForTests();
    const raised = sampleStep();
    const cleared = fullStep({ seq: 2 });
    await happened(raised, cleared);
    const answer = await app.inject(`/v1/alarms/${raised.alarmId}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().steps).toEqual([raised, cleared]);
    expect(answer.json().alarm).toMatchObject({ status: 'cleared', peak: cleared.peak, seq: 2 });
  });

  test('an unknown one is 404', async () => {
    const { app } = await apiForTests();
    const answer = await app.inject('/v1/alarms/feed');
    expect([answer.statusCode, answer.json().type]).toEqual([404, 'urn:haulwatch:problem:not-found']);
  });
});

describe('GET /v1/vehicles/{id}', () => {
  const lastFix = { vehicleId: 'truck-1', fixedAtMs: 1, receivedAtMs: 2, lonDeg: 121.5, latDeg: 31.2, speedKph: 61.5 };

  test.each(['truck-1', 'phone-1'])('by %s: the vehicle, its last fix and its open alarms', async (name) => {
    const { app, live, happened } = await apiForTests();
    const vehicle = { id: 'truck-1', class: 'heavy', aliases: ['phone-1'] };
    await app.inject({ method: 'PUT', url: '/v1/vehicles', payload: [vehicle] });
    await live.putLastFixes([lastFix]);
    await happened(...steps);
    const answer = await app.inject(`/v1/vehicles/${name}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ vehicle: { ...vehicle, number: 1 }, lastFix });
    expect(ids(answer.json().openAlarms)).toEqual([7, 5, 3, 1]);
  });

  test('one that nobody registered is known by what was heard of it', async () => {
    const { app, live } = await apiForTests();
    await live.putLastFixes([{ ...lastFix, vehicleId: '陌生 车' }]);
    const answer = await app.inject(`/v1/vehicles/${encodeURIComponent('陌生 车')}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ lastFix: { ...lastFix, vehicleId: '陌生 车' }, openAlarms: [] });
  });

  test('one of which nothing is known is 404', async () => {
    const { app } = await apiForTests();
    expect((await app.inject('/v1/vehicles/ghost')).json()).toMatchObject({
      status: 404,
      detail: 'nobody registered a vehicle "ghost", and nothing was heard of it',
    });
  });
});
