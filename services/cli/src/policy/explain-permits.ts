import type { Permit, Policy } from '@haulwatch/domain';
import { compileSchedule, inForce } from '@haulwatch/rules';
import { Temporal } from 'temporal-polyfill';
import type { PlaceView } from './explain-place.ts';
import { scheduleWords } from './explain-words.ts';

export type ToldPermit = {
  readonly id: string;
  /** Local times of the policy, with their offset; the end is exclusive. */
  readonly from: string;
  readonly to: string;
  readonly hours: string;
  /** Ids of fences; none: everywhere. */
  readonly routes: readonly string[];
  /** Those of its routes that the policy does not have, or does not use as one: off them nobody is accused. */
  readonly unknownRoutes: readonly string[];
  /** At a place: whether it holds then, as `permit-violation` asks. */
  readonly holds?: boolean;
  /** At a place: whether the place lies on one of its routes. */
  readonly isOnRoute?: boolean;
};

export function toldPermits(permits: readonly Permit[], policy: Policy, view?: PlaceView): ToldPermit[] {
  const routeIds = new Set(policy.fences.filter(({ uses = [] }) => uses.includes('route')).map(({ id }) => id));
  return permits.map((permit) => ({
    id: permit.id,
    from: localTime(permit.fromMs, policy.timeZone),
    to: localTime(permit.toMs, policy.timeZone),
    hours: scheduleWords(permit.hours ?? []),
    routes: permit.routes,
    unknownRoutes: permit.routes.filter((id) => !routeIds.has(id)),
    ...(view !== undefined && { holds: holdsAt(permit, view), isOnRoute: liesOnRoute(permit, policy, view) }),
  }));
}

export function permitWords({ from, to, hours, routes, holds, isOnRoute }: ToldPermit): string {
  return [
    ...(holds === undefined ? [] : [holds ? 'HOLDS NOW' : 'does not hold now']),
    `${from} to ${to}`,
    hours,
    routes.length === 0 ? 'everywhere' : `by ${routes.join(', ')}`,
    ...(isOnRoute === false ? ['the place is on none of its routes'] : []),
  ].join('; ');
}

/** For a line of its own, which nobody overlooks behind a permit that holds: the permit's routes that the policy lacks. */
export function unknownRouteWarnings(permits: readonly ToldPermit[]): string[] {
  return permits
    .filter(({ unknownRoutes }) => unknownRoutes.length > 0)
    .map(
      ({ id, unknownRoutes }) =>
        `WARNING: ${id} names ${unknownRoutes.join(', ')}, but the policy has no such fence with uses: [route]: while it holds, no route is watched`,
    );
}

function holdsAt({ fromMs, toMs, hours = [] }: Permit, { asked, facts }: PlaceView): boolean {
  return asked.atMs >= fromMs && asked.atMs < toMs && inForce(compileSchedule(hours), facts.minuteOfWeek);
}

function liesOnRoute({ routes }: Permit, policy: Policy, { fences }: PlaceView): boolean {
  return routes.length === 0 || fences.some((number) => routes.includes(policy.fences[number]!.id));
}

function localTime(atMs: number, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  return zoned.toString({ timeZoneName: 'never', smallestUnit: 'minute' });
}
