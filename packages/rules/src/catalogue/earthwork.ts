import { motion } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { isLaden, signalNow, signals } from './signals.ts';

/**
 * `cover-open` 未密闭行驶: laden, moving, cover open.
 * Source: 上海市市容环境卫生管理条例 (sealed transport of construction waste).
 */
export const coverOpen: Rule<'cover-open'> = {
  id: 'cover-open',
  observe(facts, _, out) {
    const isTold = signalNow(facts, 'cover') !== 0 && signalNow(facts, 'load') !== 0;
    if (!isTold || facts.motion === motion.unknown) out.state = 'unknown';
    else if (signalNow(facts, 'cover') === signals.coverOpen && isLaden(facts) && facts.motion === motion.moving) {
      out.state = 'holds';
    }
  },
  tell: () => 'laden and moving with the cover open',
};

/** `body-lifted` 举升异常: the body is raised. Where it may be is a matter of the policy's `outside`. Our choice. */
export const bodyLifted: Rule<'body-lifted'> = {
  id: 'body-lifted',
  observe(facts, _, out) {
    if (signalNow(facts, 'lift') === 0) out.state = 'unknown';
    else if (signalNow(facts, 'lift') === signals.raised) out.state = 'holds';
  },
  tell: () => 'the body is raised',
};

/** `body-lifted-moving` 举升行驶: the body is raised at speed. Our choice: it takes down bridges and wires. */
export const bodyLiftedMoving: Rule<'body-lifted-moving'> = {
  id: 'body-lifted-moving',
  observe(facts, { aboveKph }, out) {
    if (signalNow(facts, 'lift') === 0 || facts.speedDkph < 0) out.state = 'unknown';
    else if (signalNow(facts, 'lift') === signals.raised && facts.speedDkph > aboveKph * 10) {
      out.state = 'holds';
      out.value = facts.speedDkph / 10;
      out.limit = aboveKph;
      out.derived = facts.derived;
    }
  },
  quiet(facts, { aboveKph }, quiet) {
    if (signalNow(facts, 'lift') === signals.raised) quiet.ceilingDkph = Math.min(quiet.ceilingDkph, aboveKph * 10);
  },
  tell: ({ value }) => `${value} km/h with the body raised`,
};

/**
 * How long after a change of load its alarm lasts: one episode, which a sensor that flickers never begins where the policy
 * wants it to have lasted for a minimum. Our choice.
 */
const changeHoldsMs = 600_000;

/**
 * `suspicious-dump` 可疑消纳: unloaded where the policy's `outside` does not approve of it, judged by where the load changed.
 * Source: 上海市市容环境卫生管理条例 第四十四条.
 */
export const suspiciousDump: Rule<'suspicious-dump'> = {
  id: 'suspicious-dump',
  isWhereLoaded: true,
  observe(facts, _, out) {
    if (signalNow(facts, 'load') === 0) out.state = 'unknown';
    // NaN (no change was seen) compares false.
    if (signalNow(facts, 'load') !== signals.empty || !(facts.atMs - facts.loadSinceMs <= changeHoldsMs)) return;
    out.state = 'holds';
    out.fromMs = facts.loadSinceMs;
  },
  tell: () => 'unloaded outside of approved sites',
};

/**
 * `suspicious-load` 可疑出土: loaded where the policy's `outside` does not approve of it, judged by where the load changed.
 * Source: 上海市市容环境卫生管理条例 (处置证).
 */
export const suspiciousLoad: Rule<'suspicious-load'> = {
  id: 'suspicious-load',
  isWhereLoaded: true,
  observe(facts, _, out) {
    if (signalNow(facts, 'load') === 0) out.state = 'unknown';
    if (!isLaden(facts) || !(facts.atMs - facts.loadSinceMs <= changeHoldsMs)) return;
    out.state = 'holds';
    out.fromMs = facts.loadSinceMs;
  },
  tell: () => 'loaded outside of approved sites',
};
