import type { Policy } from '@haulwatch/domain';
import { beliefsOf, kphBetween } from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

/** What no vehicle can drive, a terminal has not told. */
export function toldKph({ kph }: TrackRow, policy: Policy): number | undefined {
  return kph !== undefined && kph > policy.overspeed.plausibleMaxKph.value ? undefined : kph;
}

/** The lesser of since the former believed fix and since the one before it, if the speed of the former was derived, too. */
export function derivedKph(fixes: readonly TrackRow[], i: number, policy: Policy): number | undefined {
  const { from, isSettled } = beliefsOf(fixes, policy)[i]!;
  if (!isDerivable(fixes, i, policy)) return undefined;
  const former = fixes.indexOf(from!);
  const isPair = !isSettled && isDerivable(fixes, former, policy) && toldKph(from!, policy) === undefined;
  const before = beliefsOf(fixes, policy)[former]!;
  const kphs = [from!, ...(isPair && !before.isSettled ? [before.from!] : [])].map((one) => kphBetween(one, fixes[i]!));
  return Math.round(Math.min(...kphs) * 10) / 10;
}

function isDerivable(fixes: readonly TrackRow[], i: number, policy: Policy): boolean {
  const { from, isBelieved } = beliefsOf(fixes, policy)[i]!;
  return isBelieved && from !== undefined && fixes[i]!.atS - from.atS <= policy.time.gapMaxS.value;
}
