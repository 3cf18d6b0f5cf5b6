import { countersZero } from '@haulwatch/domain';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { describe, expect, test, vi } from 'vitest';
import { apiForTests, nowMs } from '../test/api-for-tests.ts';

const fix = { vehicleId: 'truck-1', fixedAtMs: nowMs, lonDeg: 121.47, latDeg: 31.23 };

describe('GET /v1/status', () => {
  test('an empty Haulwatch', async () => {
    const { app } = await apiForTests();
    const status = (await app.inject('/v1/status')).json();
    expect(status).toEqual({
      atMs: nowMs,
      ingest: {
        counters: countersZero(),
        lagRecords: 0,
        partitions: [0, 1, 2, 3].map((partition) => ({ partition, committed: 0, end: 0 })),
      },
      alarmLog: { end: 0, livePosition: -1, historyPosition: -1, liveLag: 0, historyLag: 0 },
      openAlarms: { total: 0, byRule: {} },
      vehicles: 0,
      eventStreams: 0,
      platformAlarms: [],
    });
  });

  test('the counters of all commits are summed; what is not committed yet is lag', async () => {
    const commits = [
      {
        partition: 0,
        offset: 1,
        metadata: JSON.stringify({ v: 1, counters: { ...countersZero(), fixes: 3, rejects: { 'json-broken': 1 } } }),
      },
      {
        partition: 1,
        offset: 0,
        metadata: JSON.stringify({
          v: 1,
          counters: { fixes: 4, rejects: { 'json-broken': 2 }, alarmsByRule: { sos: 1 } },
        }),
      },
      { partition: 2, offset: 0, metadata: 'set by hand' },
    ];
    const { app, topics, happened, log } = await apiForTests({ logCalls: { committed: async () => commits } });
    const fixes = Array.from({ length: 20 }, (_, n) => ({ ...fix, vehicleId: `v${n}` }));
    await app.inject({ method: 'POST', url: '/v1/fixes', payload: fixes });
    await log.append(
      topics.alarmLog,
      [1, 2, 3].map(() => ({ partition: 0, key: null, value: 'a step' })),
    );
    await happened(sampleStep({ alarmId: sampleAlarmId(1) }), sampleStep({ alarmId: sampleAlarmId(2), rule: 'sos' }));
    const status = (await app.inject('/v1/status')).json();
    expect(status.ingest.counters).toEqual({
      ...countersZero(),
      fixes: 7,
      rejects: { 'json-broken': 3 },
      alarmsByRule: { sos: 1 },
    });
    expect(status.ingest.lagRecords).toBe(19);
    expect(status.alarmLog).toEqual({ end: 3, livePosition: 1, historyPosition: 1, liveLag: 1, historyLag: 1 });
    expect(status.openAlarms).toEqual({ total: 2, byRule: { overspeed: 1, sos: 1 } });
  });
});

describe('GET /v1/status while a part is away', () => {
  test('tells what it knew last, which part it is, and what the platform alarms of', async () => {
    const { app, history, live, happened } = await apiForTests();
    await happened(sampleStep({ alarmId: sampleAlarmId(1) }));
    const before = (await app.inject('/v1/status')).json();
    expect(before.openAlarms.total).toBe(1);
    history.failure = new Error('connection refused');
    vi.spyOn(live, 'position').mockRejectedValue(new Error('Redis is full'));
    const answer = await app.inject('/v1/status');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { ...before, unreachable: { history: 'connection refused', live: 'Redis is full' } },
    ]);
  });
});

describe('probes', () => {
  test('healthy and ready', async () => {
    const { app } = await apiForTests();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      { status: 'ready', parts: { log: 'ok', live: 'ok', history: 'ok' } },
    ]);
  });

  test('the part that cannot work is told, and the process stays healthy', async () => {
    const { app, history, live } = await apiForTests();
    history.failure = new Error('connection refused');
    const degraded = await app.inject('/readyz');
    // Screens and intake need no history.
    expect([degraded.statusCode, degraded.json()]).toEqual([
      200,
      { status: 'degraded', parts: { log: 'ok', live: 'ok', history: 'connection refused' } },
    ]);
    vi.spyOn(live, 'position').mockRejectedValue(new Error('Redis is full'));
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json().status, ready.json().parts.live]).toEqual([
      503,
      'not-ready',
      'Redis is full',
    ]);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  test('they are never turned away', async () => {
    const { app } = await apiForTests({ limits: { requestsPerMinute: 1 } });
    for (const url of ['/healthz', '/readyz', '/metrics']) {
      for (let n = 0; n < 3; n++) expect((await app.inject(url)).statusCode).toBe(200);
    }
  });

  test('metrics tell of the whole pipeline, as the workers have committed it', async () => {
    const counters = { ...countersZero(), fixes: 7, rejects: { 'json-broken': 3 }, alarmsByRule: { sos: 1 } };
    const commits = [{ partition: 0, offset: 0, metadata: JSON.stringify({ v: 1, counters }) }];
    const { app } = await apiForTests({ logCalls: { committed: async () => commits } });
    await app.inject({ method: 'POST', url: '/v1/fixes', payload: fix });
    const lines = (await app.inject('/metrics')).body.split('\n');
    expect(lines).toContain('haulwatch_pipeline_fixes_total 7');
    expect(lines).toContain('haulwatch_pipeline_rejects_total{reason="json-broken"} 3');
    expect(lines).toContain('haulwatch_pipeline_alarms_raised_total{rule="sos"} 1');
    expect(lines).toContain('haulwatch_pipeline_lag_records{stage="ingest"} 1');
  });

  test('metrics are text for Prometheus, requests among them', async () => {
    const { app } = await apiForTests();
    await app.inject('/healthz');
    await app.inject('/nowhere');
    const answer = await app.inject('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toContain('haulwatch_api_requests_total{status="404"} 1');
    expect(answer.body).toContain('haulwatch_api_request_seconds_count 2');
  });
});
