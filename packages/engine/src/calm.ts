import { headingAbsent, speedAbsent } from '@haulwatch/domain';
import type { Calm } from '@haulwatch/rules';

/**
 * Whether two fixes are so much alike that no rule of manner or data quality can hold between them. Errs to "no": then the
 * rules are asked. Without a division, for this is asked of each fix: what a millisecond allows, times the milliseconds.
 *
 * @param wayE7 how far the position has moved along both axes, added up.
 */
export function isCalm(
  calm: Calm,
  sinceMs: number,
  speedDkph: number,
  formerDkph: number,
  headingCdeg: number,
  formerCdeg: number,
  wayE7: number,
): boolean {
  if (wayE7 === 0 && speedDkph > calm.stuckDkph) return false;
  if (wayE7 > calm.wayE7PerMs * sinceMs) return false;
  if (formerDkph !== speedAbsent && Math.abs(speedDkph - formerDkph) > calm.dkphPerMs * sinceMs) return false;
  if (headingCdeg === headingAbsent || formerCdeg === headingAbsent) return true;
  const apart = Math.abs(headingCdeg - formerCdeg);
  const turned = apart > 18_000 ? 36_000 - apart : apart;
  return speedDkph * turned <= calm.turnPerMs * sinceMs;
}
