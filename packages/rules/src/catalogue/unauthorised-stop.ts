import { motion } from '../facts.ts';
import type { Rule } from '../rule.ts';

/**
 * `unauthorised-stop` 违规停车: standing for too long. Where it may stand is a matter of the policy's `outside`.
 * Source: GB/T 35658-2017 6.1.2 (超时停车).
 */
export const unauthorisedStop: Rule<'unauthorised-stop'> = {
  id: 'unauthorised-stop',
  isTimed: true,
  observe(facts, { maxS }, out) {
    if (facts.motion === motion.unknown) out.state = 'unknown';
    const stoodMs = facts.atMs - facts.motionSinceMs;
    if (facts.motion !== motion.stopped || stoodMs <= maxS * 1_000) return;
    out.state = 'holds';
    out.value = Math.floor(stoodMs / 60_000);
    out.limit = maxS / 60;
    out.fromMs = facts.motionSinceMs;
  },
  quiet(facts, { maxS }, quiet) {
    if (facts.motion !== motion.stopped) return;
    // One more: a timer that came at the very limit would find nothing, and would not come again.
    quiet.untilMs = Math.min(quiet.untilMs, facts.motionSinceMs + maxS * 1_000 + 1);
  },
  tell: ({ value, limit }) => `standing for more than ${value} min, at most ${limit}`,
};
