import { motion } from '../facts.ts';
import type { Rule } from '../rule.ts';

/**
 * `prohibited-hours` 禁行时段行驶: moving. When, who and on which roads is a matter of the policy's conditions.
 * Source: 道路旅客运输企业安全管理规范 第三十八条 (coach 02:00-05:00); 危险货物道路运输安全管理办法 第四十九条.
 */
export const prohibitedHours: Rule<'prohibited-hours'> = {
  id: 'prohibited-hours',
  observe(facts, _, out) {
    if (facts.motion === motion.unknown) out.state = 'unknown';
    else if (facts.motion === motion.moving) out.state = 'holds';
  },
  tell: () => 'on the road in prohibited hours',
};
