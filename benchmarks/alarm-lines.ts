import type { PlainAlarm } from './plain-episode.ts';

/** A step of an alarm as text, so that two engines can be compared: what, whom, where, how bad, from when to when. */
function alarmLine(step: PlainAlarm): string {
  const {
    kind,
    rule,
    vehicleId,
    fenceId = '',
    late,
    level,
    atMs,
    startedAtMs,
    endedAtMs = '',
    clearReason = '',
  } = step;
  const { value = '', limit = '' } = step;
  const lane = late ? 'late' : 'live';
  return [vehicleId, atMs, kind, rule, fenceId, lane, level, startedAtMs, endedAtMs, clearReason, value, limit].join(
    ' ',
  );
}

/** Lines that only one of two sides told. What is told twice must be so on both. */
export function differingAlarms(ours: readonly PlainAlarm[], theirs: readonly PlainAlarm[]): string[] {
  return [...numbered(ours).symmetricDifference(numbered(theirs))].sort();
}

/** Each line with the number of its telling. */
function numbered(steps: readonly PlainAlarm[]): Set<string> {
  const tellings = new Map<string, number>();
  const lines = steps.map((step) => {
    const line = alarmLine(step);
    const telling = (tellings.get(line) ?? 0) + 1;
    tellings.set(line, telling);
    return telling === 1 ? line : `${line} (${telling})`;
  });
  return new Set(lines);
}
