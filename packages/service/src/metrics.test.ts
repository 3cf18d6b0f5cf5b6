import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';
import { counterFrom, createRegistry, gaugeFrom, latencyFrom } from './metrics.ts';

test('counters and gauges read plain numbers at each scrape', async () => {
  const registry = new Registry();
  const counted = { fixes: 1, rejects: { 'json-broken': 2 } as Record<string, number> };
  counterFrom(registry, { name: 'fixes_total', help: 'Fixes.', read: () => counted.fixes });
  counterFrom(registry, { name: 'rejects_total', help: 'Rejects.', label: 'reason', read: () => counted.rejects });
  gaugeFrom(registry, { name: 'open', help: 'Open.', read: () => 3 });
  await registry.metrics();
  counted.fixes = 5;
  counted.rejects = { 'json-broken': 2, 'clock-ahead': 1 };
  expect((await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'fixes_total 5',
    'rejects_total{reason="json-broken"} 2',
    'rejects_total{reason="clock-ahead"} 1',
    'open 3',
  ]);
});

test('a latency histogram is a Prometheus histogram in seconds', async () => {
  const registry = new Registry();
  const histogram = new LatencyHistogram();
  for (const latencyMs of [3, 20, 20, 900, 100_000]) histogram.record(latencyMs);
  latencyFrom(registry, { name: 'latency_seconds', help: 'From produced to stored.', histogram });
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toContain('# TYPE latency_seconds histogram');
  expect(lines).toContain('latency_seconds_bucket{le="0.005"} 1');
  expect(lines).toContain('latency_seconds_bucket{le="0.025"} 3');
  expect(lines).toContain('latency_seconds_bucket{le="1"} 4');
  expect(lines).toContain('latency_seconds_bucket{le="+Inf"} 5');
  expect(lines).toContain('latency_seconds_count 5');
  expect(lines).toContain('latency_seconds_sum 100.943');
});

test('a fresh registry carries the process itself', async () => {
  expect(await createRegistry().metrics()).toContain('nodejs_eventloop_lag_seconds');
});
