import { motion, type Facts } from '../facts.ts';
import type { Observation } from '../observation.ts';
import type { Quiet, Rule } from '../rule.ts';

function observeTotal(drivenMs: number, maxS: number, out: Observation): void {
  if (drivenMs <= maxS * 1_000) return;
  out.state = 'holds';
  out.value = Math.floor(drivenMs / 60_000);
  out.limit = maxS / 60;
}

function quietUntil(facts: Facts, leftMs: number, quiet: Quiet): void {
  if (facts.motion === motion.moving) quiet.untilMs = Math.min(quiet.untilMs, facts.atMs + leftMs);
}

/**
 * `daily-driving` 累计驾驶超时: one driver, 24 hours. Whole hours of the clock leave the window together, so it is between 23
 * and 24 hours long and accuses nobody too early.
 * Source: 道路运输车辆动态监督管理办法 (a passenger driver at most 8 h in 24 h).
 */
export const dailyDriving: Rule<'daily-driving'> = {
  id: 'daily-driving',
  observe: (facts, { maxS }, out) => observeTotal(facts.drivenOfDayMs, maxS, out),
  quiet: (facts, { maxS }, quiet) => quietUntil(facts, maxS * 1_000 - facts.drivenOfDayMs, quiet),
  tell: ({ value, limit }) => `driven more than ${value} min within 24 hours, at most ${limit}`,
};

/**
 * `weekly-driving` 一周累计驾驶超时: one driver, 7 days, by whole hours of the clock.
 * Source: 道路旅客运输企业安全管理规范 第三十八条 (44 h).
 */
export const weeklyDriving: Rule<'weekly-driving'> = {
  id: 'weekly-driving',
  observe: (facts, { maxS }, out) => observeTotal(facts.drivenOfWeekMs, maxS, out),
  quiet: (facts, { maxS }, quiet) => quietUntil(facts, maxS * 1_000 - facts.drivenOfWeekMs, quiet),
  tell: ({ value, limit }) => `driven more than ${value} min within 7 days, at most ${limit}`,
};
