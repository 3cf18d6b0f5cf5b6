import { epochMs } from './_trial.ts';
import { beliefsOf, isInside, isOpen, metres, placeOf, speaksTo, type Journey } from './_plain-place.ts';

/** What a vehicle's permits say at one fix. */
export type Permitted = {
  readonly isPermitted: boolean;
  /** Driven since it was first seen off the routes of the permits that hold, and still is; 0: it is on one, or needs none. */
  readonly offRouteM: number;
};

/** @param isMoving after each fix. */
export function plainPermits(journey: Journey, isMoving: readonly boolean[]): Permitted[] {
  const { fixes, policy } = journey;
  const isOff = fixes.map((_, i) => isOffRoute(journey, i));
  let offRouteM = 0;
  return fixes.map((fix, i) => {
    const isPermitted = holding(journey, i).length > 0;
    // What a fix says of permits whose position is not believed is their hours; where it is, it does not know.
    const { from, isBelieved } = beliefsOf(fixes, policy)[i]!;
    if (!isBelieved) return { isPermitted, offRouteM };
    const legM = from !== undefined && offRouteM > 0 && isMoving[i] ? metres(placeOf(from), placeOf(fix)) : 0;
    const exactM = isOff[i] ? Math.max(1, offRouteM + legM) : 0;
    // Kept in whole metres.
    offRouteM = Math.round(exactM);
    return { isPermitted, offRouteM: exactM };
  });
}

function holding({ fixes, permits, policy }: Journey, i: number): Journey['permits'] {
  const { atS } = fixes[i]!;
  const atMs = epochMs + atS * 1_000;
  return permits.filter(
    ({ fromMs, toMs, hours = [] }) => atMs >= fromMs && atMs < toMs && isOpen(hours, atS, policy.timeZone),
  );
}

/** Outside of every route, though each permit that holds has some. */
function isOffRoute(journey: Journey, i: number): boolean {
  const { fixes, policy, vehicleClass } = journey;
  const held = holding(journey, i);
  if (held.length === 0 || held.some(({ routes }) => routes.length === 0)) return false;
  return held
    .flatMap(({ routes }) => routes)
    .every((id) => {
      const route = policy.fences.find((fence) => fence.id === id);
      // One that the policy does not have cannot be left.
      return (
        route !== undefined && !(speaksTo(route, vehicleClass, fixes[i]!, policy) && isInside(route.shape, fixes[i]!))
      );
    });
}
