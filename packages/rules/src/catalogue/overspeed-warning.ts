import type { Rule } from '../rule.ts';

/**
 * `overspeed-warning` 超速预警: just under the limit that applies, so that the driver is told before the alarm.
 * Source: JT/T 808-2019 alarm flag 13, parameter 0x005B.
 */
export const overspeedWarning: Rule<'overspeed-warning'> = {
  id: 'overspeed-warning',
  observe({ speedDkph, limitDkph, derived }, { belowKph }, out) {
    if (speedDkph < 0) out.state = 'unknown';
    else if (speedDkph <= limitDkph && speedDkph > warnAboveDkph(limitDkph, belowKph)) {
      out.state = 'holds';
      out.value = speedDkph / 10;
      out.limit = limitDkph / 10;
      out.derived = derived;
    }
  },
  quiet({ limitDkph }, { belowKph }, quiet) {
    quiet.ceilingDkph = Math.min(quiet.ceilingDkph, warnAboveDkph(limitDkph, belowKph));
  },
  tell: ({ value, limit, isOver }) => `${isOver ? 'up to ' : ''}${value} km/h, near the limit of ${limit}`,
};

/** Who stands is not warned, however low the limit. */
function warnAboveDkph(limitDkph: number, belowKph: number): number {
  return Math.max(0, limitDkph - belowKph * 10);
}
