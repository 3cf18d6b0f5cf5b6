import type { Rule } from '../rule.ts';

/** `gnss-drift` 定位漂移: no vehicle gets there so fast. Source: 交运发〔2016〕160号 考核表, note ④. */
export const gnssDrift: Rule<'gnss-drift'> = {
  id: 'gnss-drift',
  observe({ impliedKph }, { maxKph }, out) {
    if (Number.isNaN(impliedKph)) out.state = 'unknown';
    else if (impliedKph > maxKph) {
      out.state = 'holds';
      out.value = Math.round(impliedKph);
      out.limit = maxKph;
    }
  },
  tell: ({ value, limit }) => `its position jumped as if at ${value} km/h, ${limit} is possible`,
};

/** `gnss-stuck` 定位不更新: it moves, its position does not. Our choice. */
export const gnssStuck: Rule<'gnss-stuck'> = {
  id: 'gnss-stuck',
  observe({ isPlaced, speedDkph, derived, isSamePlace }, { aboveKph }, out) {
    if (!isPlaced || speedDkph < 0 || derived) out.state = 'unknown';
    else if (isSamePlace && speedDkph > aboveKph * 10) {
      out.state = 'holds';
      out.value = speedDkph / 10;
      out.limit = aboveKph;
    }
  },
  tell: ({ value }) => `${value} km/h, and the position stays the same`,
};

/** `clock-skew` 终端时钟异常: its fixes are refused. Source: 交运发〔2016〕160号 考核表注④ (time no later than now). */
export const clockSkew: Rule<'clock-skew'> = {
  id: 'clock-skew',
  observe({ clockAheadMs, rules }, _, out) {
    if (clockAheadMs <= rules.clockAheadMaxMs) return;
    out.state = 'holds';
    out.value = Math.round(clockAheadMs / 1_000);
    out.limit = rules.clockAheadMaxMs / 1_000;
  },
  tell: ({ value, limit }) => `its clock is ${value} s ahead, at most ${limit}`,
};
