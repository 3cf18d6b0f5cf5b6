import { motion, type Facts } from '../facts.ts';
import type { Observation } from '../observation.ts';
import type { Quiet, Rule } from '../rule.ts';

type Limits = { readonly dayMaxS: number; readonly nightMaxS: number };

/** Minutes driven and allowed: of the whole, or of its part at night, whichever is nearer to its limit. */
function writeWorse(facts: Facts, { dayMaxS, nightMaxS }: Limits, out: Observation): void {
  const isNightWorse = facts.nightDrivenMs / nightMaxS > facts.drivenMs / dayMaxS;
  out.value = Math.floor((isNightWorse ? facts.nightDrivenMs : facts.drivenMs) / 60_000);
  out.limit = (isNightWorse ? nightMaxS : dayMaxS) / 60;
  out.atNight = isNightWorse;
}

/** Who has not driven is not warned, however short the limit. */
function warnAboveMs(maxS: number, aheadS: number): number {
  return Math.max(0, maxS - aheadS) * 1_000;
}

/** It goes on driving: when the first of both limits, less the time ahead, is reached. */
function quietUntil(facts: Facts, { dayMaxS, nightMaxS }: Limits, aheadS: number, quiet: Quiet): void {
  if (facts.motion !== motion.moving) return;
  const leftMs = warnAboveMs(dayMaxS, aheadS) - facts.drivenMs;
  const nightLeftMs = facts.isNight ? warnAboveMs(nightMaxS, aheadS) - facts.nightDrivenMs : Infinity;
  quiet.untilMs = Math.min(quiet.untilMs, facts.atMs + Math.min(leftMs, nightLeftMs));
}

/**
 * `continuous-driving` 连续驾驶超时: driven too long without a rest, or too much of it at night. A short stop neither ends
 * the count nor adds to it; only a rest does. A gap counts as driving where the vehicle came so far that it must have
 * driven: no slower, from its last known place to the next, than what moves. It counts as a stop where it did not, and where the
 * fix after it has no place. A rest that was believed while nothing was heard stays one, wherever the vehicle turns up.
 *
 * Source: 道路交通安全法实施条例 第六十二条(七) (4 h, 20 min); 道路运输车辆动态监督管理办法 (coach at night 2 h).
 */
export const continuousDriving: Rule<'continuous-driving'> = {
  id: 'continuous-driving',
  isTimed: true,
  observe(facts, limits, out) {
    if (facts.drivenMs <= limits.dayMaxS * 1_000 && facts.nightDrivenMs <= limits.nightMaxS * 1_000) return;
    out.state = 'holds';
    writeWorse(facts, limits, out);
  },
  quiet(facts, limits, quiet) {
    quietUntil(facts, limits, 0, quiet);
    // It stands, and may fall silent: its rest ends all the same.
    if (facts.motion === motion.stopped) {
      quiet.untilMs = Math.min(quiet.untilMs, facts.motionSinceMs + facts.rules.motion.restMinMs);
    }
  },
  tell: ({ value, limit }) => `driven more than ${value} min without a rest, at most ${limit}`,
};

/**
 * `continuous-driving-warning` 疲劳驾驶预警: soon too long; over when it is.
 * Source: JT/T 808-2019 alarm flag 14, parameter 0x005C.
 */
export const continuousDrivingWarning: Rule<'continuous-driving-warning'> = {
  id: 'continuous-driving-warning',
  isTimed: true,
  observe(facts, limits, out) {
    const { dayMaxS, nightMaxS, aheadS } = limits;
    if (facts.drivenMs > dayMaxS * 1_000 || facts.nightDrivenMs > nightMaxS * 1_000) return;
    const isSoon = facts.drivenMs > warnAboveMs(dayMaxS, aheadS);
    const isNightSoon = facts.nightDrivenMs > warnAboveMs(nightMaxS, aheadS);
    if (!isSoon && !isNightSoon) return;
    out.state = 'holds';
    writeWorse(facts, limits, out);
  },
  quiet: (facts, limits, quiet) => quietUntil(facts, limits, limits.aheadS, quiet),
  tell: ({ value, limit }) => `driven ${value} min without a rest, ${limit} are allowed`,
};
