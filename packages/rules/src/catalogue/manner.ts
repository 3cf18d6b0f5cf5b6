import type { Facts } from '../facts.ts';
import type { Observation } from '../observation.ts';
import type { Rule } from '../rule.ts';

type Harsh = { readonly maxMss: number; readonly aboveKph: number; readonly gapMaxS: number };

/** Two fixes further apart say nothing about a bend between them. Our choice. */
const bendGapMaxMs = 3_000;

/** NaN: the fixes do not tell, or lie too far apart. */
function observeHarsh(mss: number, kph: number, facts: Facts, { maxMss, aboveKph, gapMaxS }: Harsh, out: Observation) {
  if (Number.isNaN(mss) || facts.sinceMs > gapMaxS * 1_000) out.state = 'unknown';
  else if (mss > maxMss && kph > aboveKph) {
    out.state = 'holds';
    out.value = Math.round(mss * 10) / 10;
    out.limit = maxMss;
  }
}

/** `harsh-acceleration` 急加速. Our choice of numbers; item 0x70 type 1 of terminals. */
export const harshAcceleration: Rule<'harsh-acceleration'> = {
  id: 'harsh-acceleration',
  observe: (facts, harsh, out) => observeHarsh(facts.accelerationMss, facts.speedDkph / 10, facts, harsh, out),
  tell: ({ value, limit }) => `accelerated with ${value} m/s², at most ${limit}`,
};

/** `harsh-braking` 急减速. Our choice of numbers; item 0x70 type 2 of terminals. */
export const harshBraking: Rule<'harsh-braking'> = {
  id: 'harsh-braking',
  observe: (facts, harsh, out) => observeHarsh(-facts.accelerationMss, facts.formerKph, facts, harsh, out),
  tell: ({ value, limit }) => `braked with ${value} m/s², at most ${limit}`,
};

/** `harsh-cornering` 急转弯. Our choice of numbers; item 0x70 type 3 of terminals. */
export const harshCornering: Rule<'harsh-cornering'> = {
  id: 'harsh-cornering',
  observe: (facts, harsh, out) => observeHarsh(Math.abs(facts.lateralMss), facts.speedDkph / 10, facts, harsh, out),
  tell: ({ value, limit }) => `cornered with ${value} m/s², at most ${limit}`,
};

/** `bend-speed` 弯道超速: lateral acceleration v² × curvature, which turns a laden mixer over. Our choice of numbers. */
export const bendSpeed: Rule<'bend-speed'> = {
  id: 'bend-speed',
  observe(facts, { maxMss }, out) {
    observeHarsh(Math.abs(facts.lateralMss), 1, facts, { maxMss, aboveKph: 0, gapMaxS: bendGapMaxMs / 1_000 }, out);
  },
  tell: ({ value, limit }) => `${value} m/s² sideways in a bend, at most ${limit}`,
};
