import type { PlainAlarm } from './plain-episode.ts';

/** A step of an alarm as text, so that two engines can be compared: what, whom, where, how bad, from when to when. */
function alarmLine(step: PlainAlarm): string {
  const { kind, rule, vehicleId, fenceId = '', level, atMs, startedAtMs, endedAtMs, value, limit } = step;
  return [vehicleId, atMs, kind, rule, fenceId, level, startedAtMs, endedAtMs ?? '', value ?? '', limit ?? ''].join(
    ' ',
  );
}

/** Lines that only one of two sides told. Each step is told once, so that sets lose nothing. */
export function differingAlarms(ours: readonly PlainAlarm[], theirs: readonly PlainAlarm[]): string[] {
  const [left, right] = [ours, theirs].map((steps) => new Set(steps.map(alarmLine)));
  if (left!.size !== ours.length || right!.size !== theirs.length) throw new Error('a step was told twice');
  return [...left!.symmetricDifference(right!)].sort();
}
