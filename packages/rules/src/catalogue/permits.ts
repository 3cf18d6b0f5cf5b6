import { motion, permitState } from '../facts.ts';
import type { Rule } from '../rule.ts';

/**
 * `route-deviation` 偏离路线: off the routes of its permits. How wide a route is, is the corridor's to say.
 * Source: JT/T 808-2019 alarm flag 23; 上海市道路交通管理条例 第五十九条.
 */
export const routeDeviation: Rule<'route-deviation'> = {
  id: 'route-deviation',
  observe({ isPlaced, motion: now, offRouteM }, { minDistanceM }, out) {
    if (!isPlaced || now === motion.unknown) out.state = 'unknown';
    else if (now === motion.moving && offRouteM > 0 && offRouteM >= minDistanceM) {
      out.state = 'holds';
      out.value = Math.round(offRouteM);
      out.limit = minDistanceM;
    }
  },
  quiet({ permit, permitChangesAtMs, offRouteM, atMs }, _, quiet) {
    // Off the route each metre counts; on it the place says when it is left.
    if (permit !== permitState.unasked)
      quiet.untilMs = Math.min(quiet.untilMs, offRouteM > 0 ? atMs : permitChangesAtMs);
  },
  tell: ({ value }) => `${value} m off the routes of its permits`,
};

/**
 * `permit-violation` 无证运输: on the road while none of its permits holds.
 * Source: 上海市市容环境卫生管理条例 第四十四条; 上海市道路交通管理条例 第五十九条.
 */
export const permitViolation: Rule<'permit-violation'> = {
  id: 'permit-violation',
  observe({ permit, motion: now }, _, out) {
    if (permit === permitState.unasked || now === motion.unknown) out.state = 'unknown';
    else if (permit === permitState.missing && now === motion.moving) out.state = 'holds';
  },
  quiet({ permit, permitChangesAtMs }, _, quiet) {
    if (permit !== permitState.unasked) quiet.untilMs = Math.min(quiet.untilMs, permitChangesAtMs);
  },
  tell: () => 'on the road without a permit that holds now',
};
