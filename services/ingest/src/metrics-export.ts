import { counterFrom, gaugeFrom, type Registry } from '@haulwatch/service';
import type { IngestMetrics } from './metrics.ts';

/** Shows what ingest counts to Prometheus. */
export function exportIngestMetrics(metrics: IngestMetrics, registry: Registry): void {
  const counter = (name: string, help: string, read: () => number): void => counterFrom(registry, { name, help, read });
  counter('haulwatch_fixes_total', 'Fixes taken, late ones included.', () => metrics.counters.fixes);
  counter('haulwatch_fixes_late_total', 'Of these: told after the fact.', () => metrics.counters.late);
  counter('haulwatch_late_cut_total', 'Bursts of late fixes longer than are held.', () => metrics.counters.lateCut);
  counter('haulwatch_fixes_reordered_total', 'Of these: a little out of order.', () => metrics.counters.reordered);
  counter(
    'haulwatch_fixes_duplicate_total',
    'Fixes dropped because they were there.',
    () => metrics.counters.duplicates,
  );
  counter('haulwatch_speeds_derived_total', 'Speeds derived from displacement.', () => metrics.counters.derivedSpeeds);
  counter('haulwatch_fixes_rerouted_total', 'Fixes sent on to their home partition.', () => metrics.counters.rerouted);
  counter('haulwatch_checkpoints_total', 'States written and committed.', () => metrics.checkpoints);
  counter(
    'haulwatch_broken_states_total',
    'States that could not be read; an older one was.',
    () => metrics.brokenStates,
  );
  counter('haulwatch_bridge_fixes_total', 'Positions taken over from Traccar.', () => metrics.bridged);
  counter('haulwatch_bridge_rejects_total', 'Records of Traccar turned down.', () => metrics.bridgeRejects);
  counter('haulwatch_alarms_cleared_total', 'Alarms cleared.', () => metrics.counters.alarmsCleared);
  counterFrom(registry, {
    name: 'haulwatch_rejects_total',
    help: 'Records and fixes turned down, by reason.',
    label: 'reason',
    read: () => metrics.counters.rejects,
  });
  counterFrom(registry, {
    name: 'haulwatch_alarms_raised_total',
    help: 'Alarms raised, by rule.',
    label: 'rule',
    read: () => metrics.counters.alarmsByRule,
  });
  counterFrom(registry, {
    name: 'haulwatch_alarms_suppressed_total',
    help: 'Of the raised: nobody was called, by why.',
    label: 'by',
    read: () => metrics.counters.suppressed,
  });
  gaugeFrom(registry, {
    name: 'haulwatch_lag_records',
    help: 'Records of telemetry that wait, by partition.',
    label: 'partition',
    read: () => Object.fromEntries(metrics.lagRecords),
  });
  gaugeFrom(registry, {
    name: 'haulwatch_snapshot_age_seconds',
    help: 'How long ago the state was committed, where it has moved since, by partition.',
    label: 'partition',
    read: () => Object.fromEntries(metrics.snapshotAgeSeconds),
  });
  gaugeFrom(registry, {
    name: 'haulwatch_clock_behind_seconds',
    help: "How far this host's clock is behind those of the producers.",
    read: () => metrics.clockBehindSeconds,
  });
  gaugeFrom(registry, {
    name: 'haulwatch_lag_seconds',
    help: 'Age of the newest processed record while others wait, by partition.',
    label: 'partition',
    read: () => Object.fromEntries(metrics.lagSeconds),
  });
}
