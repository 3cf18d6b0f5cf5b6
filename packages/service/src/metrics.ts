import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { LatencyHistogram } from './latency-histogram.ts';

export { Registry };

/** A registry with Node's own metrics: event loop delay, heap, garbage collection. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** What a metric says of itself, and the plain numbers that it reads at each scrape: one, or one for each value of `label`. */
export type MetricSource = { readonly name: string; readonly help: string } & (
  | { readonly label?: never; readonly read: () => number }
  | { readonly label: string; readonly read: () => Readonly<Record<string, number | undefined>> }
);

/** A counter over numbers that the hot path counts itself: they cost nothing until somebody scrapes. */
export function counterFrom(registry: Registry, source: MetricSource): void {
  void new Counter({
    ...headOf(registry, source),
    collect() {
      this.reset();
      for (const [labels, value] of valuesOf(source)) this.inc(labels, value);
    },
  });
}

/** A gauge over a number that is read at each scrape. */
export function gaugeFrom(registry: Registry, source: MetricSource): void {
  void new Gauge({
    ...headOf(registry, source),
    collect() {
      this.reset();
      for (const [labels, value] of valuesOf(source)) this.set(labels, value);
    },
  });
}

function headOf(registry: Registry, source: MetricSource) {
  const labelNames = source.label === undefined ? [] : [source.label];
  return { name: source.name, help: source.help, labelNames, registers: [registry] };
}

function* valuesOf(source: MetricSource): Generator<[Record<string, string>, number]> {
  if (source.label === undefined) {
    yield [{}, source.read()];
    return;
  }
  for (const [value, count] of Object.entries(source.read())) {
    if (count !== undefined) yield [{ [source.label]: value }, count];
  }
}

/** Upper bounds in ms: a second is what people feel, the rest is for finding out where it went. */
const boundsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/**
 * A Prometheus histogram over a `LatencyHistogram`, in seconds as Prometheus wants it. Above 63 ms a bound may count
 * values to 1/32 short. prom-client's own Histogram cannot be filled from outside, so the metric is handed in as it
 * stands on the wire.
 */
export function latencyFrom(
  registry: Registry,
  source: { readonly name: string; readonly help: string; readonly histogram: LatencyHistogram },
): void {
  const { name, help, histogram } = source;
  const metric = {
    name,
    async get() {
      const bucket = `${name}_bucket`;
      const values = [
        ...boundsMs.map((bound) => ({
          metricName: bucket,
          labels: { le: bound / 1_000 },
          value: histogram.countUpTo(bound),
        })),
        { metricName: bucket, labels: { le: '+Inf' }, value: histogram.count },
        { metricName: `${name}_sum`, labels: {}, value: histogram.sumMs / 1_000 },
        { metricName: `${name}_count`, labels: {}, value: histogram.count },
      ];
      return { name, help, type: 'histogram', values, aggregator: 'sum' };
    },
  };
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}
