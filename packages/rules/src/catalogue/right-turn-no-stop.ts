import { useBit } from '../conditions.ts';
import type { Rule } from '../rule.ts';

const junction = useBit('junction');

/**
 * `right-turn-no-stop` 右转未停车: turned right within one junction zone without a full stop in it. A turn begins where the
 * zone does: draw it with the approach. Our choice: 右转必停 is practice, no clause is known.
 */
export const rightTurnNoStop: Rule<'right-turn-no-stop'> = {
  id: 'right-turn-no-stop',
  observe({ placeMask, turnedDeg, slowestKph }, { turnMinDeg, stopKph }, out) {
    if ((placeMask & junction) === 0 || turnedDeg < turnMinDeg || !(slowestKph > stopKph)) return;
    out.state = 'holds';
    out.value = slowestKph;
    out.limit = stopKph;
  },
  quiet({ placeMask, atMs }, _, quiet) {
    // Each fix in the zone may be the stop.
    if ((placeMask & junction) !== 0) quiet.untilMs = Math.min(quiet.untilMs, atMs);
  },
  tell: ({ value }) => `turned right without a stop, never below ${value} km/h`,
};
