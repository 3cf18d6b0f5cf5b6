import { headingAbsent, speedAbsent } from '@haulwatch/domain';
import type { Calm } from '@haulwatch/rules';

/** Metres of one unit of the lattice, rounded up: no way along both axes is longer. */
const metresPerE7 = 0.011_14;

/**
 * Whether two fixes are so much alike that no rule of manner or data quality can hold between them. Errs to "no": then the
 * rules are asked.
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
  const seconds = sinceMs / 1_000;
  if (wayE7 === 0 && speedDkph > calm.stuckDkph) return false;
  if (wayE7 * metresPerE7 * 3.6 > calm.impliedKph * seconds) return false;
  if (formerDkph !== speedAbsent && Math.abs(speedDkph - formerDkph) > calm.accelerationMss * 36 * seconds)
    return false;
  if (headingCdeg === headingAbsent || formerCdeg === headingAbsent) return true;
  const apart = Math.abs(headingCdeg - formerCdeg);
  const turned = apart > 18_000 ? 36_000 - apart : apart;
  return speedDkph * turned * (Math.PI / 18_000) <= calm.lateralMss * 36 * seconds;
}
