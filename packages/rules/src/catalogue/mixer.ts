import type { Rule } from '../rule.ts';
import { isLaden, signalNow, signals } from './signals.ts';

/** `drum-reverse` 搅拌筒反转: it discharges. Where it may is a matter of the policy's `outside`. Our choice. */
export const drumReverse: Rule<'drum-reverse'> = {
  id: 'drum-reverse',
  observe(facts, _, out) {
    if (signalNow(facts, 'drum') === 0) out.state = 'unknown';
    else if (signalNow(facts, 'drum') === signals.reverse) out.state = 'holds';
  },
  tell: () => 'the drum turns backwards',
};

/** `drum-stopped-laden` 重载停转: the concrete sets. Our choice. */
export const drumStoppedLaden: Rule<'drum-stopped-laden'> = {
  id: 'drum-stopped-laden',
  observe(facts, _, out) {
    if (signalNow(facts, 'drum') === 0 || signalNow(facts, 'load') === 0) out.state = 'unknown';
    else if (signalNow(facts, 'drum') === signals.drumStopped && isLaden(facts)) out.state = 'holds';
  },
  tell: () => 'laden, and the drum does not turn',
};

/** `concrete-age` 混凝土超时: laden for too long. Our choice of 90 min in the default policy. */
export const concreteAge: Rule<'concrete-age'> = {
  id: 'concrete-age',
  isTimed: true,
  observe(facts, { maxS }, out) {
    if (signalNow(facts, 'load') === 0) out.state = 'unknown';
    const ageMs = facts.atMs - facts.loadSinceMs;
    // NaN (nobody saw it being loaded) compares false.
    if (!isLaden(facts) || !(ageMs > maxS * 1_000)) return;
    out.state = 'holds';
    out.value = Math.floor(ageMs / 60_000);
    out.limit = maxS / 60;
    out.fromMs = facts.loadSinceMs + maxS * 1_000;
  },
  quiet(facts, { maxS }, quiet) {
    if (isLaden(facts) && !Number.isNaN(facts.loadSinceMs)) {
      // One more: a timer that came at the very limit would find nothing, and would not come again.
      quiet.untilMs = Math.min(quiet.untilMs, facts.loadSinceMs + maxS * 1_000 + 1);
    }
  },
  tell: ({ value, limit }) => `loaded more than ${value} min ago, at most ${limit}`,
};
