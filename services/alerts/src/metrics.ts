import { counterFrom, gaugeFrom, latencyFrom, LatencyHistogram, type Registry } from '@haulwatch/service';

/** What alerts counts; plain numbers, collected when somebody scrapes. */
export class AlertsMetrics {
  openAlarms = 0;
  lagRecords = 0;
  /** How long nothing has moved while records wait. */
  lagSeconds = 0;
  /** Steps by what the fold decided, and records that could not be read by reason. */
  readonly verdicts = new Map<string, number>();
  /** From the production of an alarm's cause to its visibility in the live store, ms. Late alarms are not in it. */
  readonly latency = new LatencyHistogram();

  count(verdict: string): void {
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
  }
}

/** Shows what alerts counts to Prometheus. */
export function exportAlertsMetrics(metrics: AlertsMetrics, registry: Registry): void {
  gaugeFrom(registry, { name: 'haulwatch_open_alarms', help: 'Open alarms.', read: () => metrics.openAlarms });
  gaugeFrom(registry, {
    name: 'haulwatch_alerts_lag_records',
    help: 'Records of the alarm log that wait for the live store.',
    read: () => metrics.lagRecords,
  });
  gaugeFrom(registry, {
    name: 'haulwatch_alerts_lag_seconds',
    help: 'How long nothing has moved into the live store while records wait.',
    read: () => metrics.lagSeconds,
  });
  counterFrom(registry, {
    name: 'haulwatch_fold_verdicts_total',
    help: 'Records of the alarm log, by what the fold decided.',
    label: 'verdict',
    read: () => Object.fromEntries(metrics.verdicts),
  });
  latencyFrom(registry, {
    name: 'haulwatch_alarm_latency_seconds',
    help: "From the production of an alarm's cause to its visibility in the live store.",
    histogram: metrics.latency,
  });
}
