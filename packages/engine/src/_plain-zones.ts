import type { Fence, FenceShape } from '@haulwatch/domain';
import { askingAt, changesAt, tierPlace } from './_plain-cases.ts';
import { stretches, type Found, type Seen } from './_plain-episodes.ts';
import { plainFacts, type PlainFacts } from './_plain-facts.ts';
import { withFreed } from './_plain-hush.ts';
import { isInside, isOpen, metres, placeOf, speaksThroughout, speaksTo, type Journey } from './_plain-place.ts';
import { isAccurate, isStanding } from './_plain-stays.ts';
import type { TrackRow } from './_trial.ts';

/**
 * What is found of each fence that may be closed to a vehicle, by its id.
 *
 * @param looks when somebody looked at it while it was silent: then it shows that the hours of a fence are over.
 */
export function plainZones(journey: Journey, looks: readonly number[]): ReadonlyMap<string, readonly Found[]> {
  const { minDurationS, clearAfterS } = journey.policy.prohibitedZone;
  const timing = { minS: minDurationS.value, clearS: clearAfterS.value, gapS: Infinity };
  const fences = journey.policy.fences.filter(({ prohibited }) => prohibited);
  const all = fences.length === 0 ? [] : plainFacts(journey);
  return new Map(
    fences.map((fence) => {
      const ended = looks.filter((atS) => !isOpen(fence.schedule, atS, journey.policy.timeZone));
      const over = ended.map((atS): Seen => ({ atS, state: 'over', level: 0, tier: 0 }));
      const seen = [...seenOf(fence, journey, all, ended), ...over].toSorted((a, b) => a.atS - b.atS);
      return [fence.id, withFreed({ seen, found: stretches(seen, timing) }, [], journey.policy)];
    }),
  );
}

function seenOf(fence: Fence, journey: Journey, all: readonly PlainFacts[], ended: readonly number[]): Seen[] {
  const { policy, vehicleClass } = journey;
  const { cases, ...rule } = policy.prohibitedZone;
  const seen: Seen[] = [];
  let former: PlainFacts | undefined;
  for (const [i, facts] of all.entries()) {
    const { fix, atS, belief } = facts;
    if (!belief.isBelieved) continue;
    const changes = changesAt(cases, askingAt(fix, fix, policy, vehicleClass), policy.timeZone);
    const { off = false, level = fence.level ?? rule.level, tier = fence.tier ?? rule.tier } = changes;
    const isClosed = speaksTo(fence, vehicleClass, fix, policy) && !off;
    const isVague = !isAccurate(journey, facts);
    const isNews = former === undefined || !speaksThroughout(fence, vehicleClass, former.fix.atS, atS, policy);
    const marginM = Math.max(policy.motion.accuracyMaxM.value, fix.accuracyM ?? 0);
    const isNear = marginM > 1_000 || borderM(fence.shape, fix) <= marginM;
    const known = seen.findLast(({ state }) => state !== 'unknown');
    const wasIn = known?.state === 'holds' && !ended.some((endS) => known.atS < endS && endS < atS);
    // By its side of the border it stays as it was.
    const isKept = isNear && !isNews && isStanding(journey, all, i, former);
    const isIn = isKept ? wasIn : isInside(fence.shape, fix);
    const told = isVague && isNear ? 'unknown' : isIn ? 'holds' : 'over';
    seen.push({ atS, state: isClosed ? told : 'over', level, tier: tierPlace(tier) });
    former = facts;
  }
  return seen;
}

/** Metres to the nearest edge, in the plane that touches the earth at the fix. */
function borderM(shape: FenceShape, fix: TrackRow): number {
  const [lon, lat] = placeOf(fix);
  if (shape.kind === 'circle') return Math.abs(metres(shape.centre, [lon, lat]) - shape.radiusM);
  if (shape.kind === 'corridor') throw new Error('the plain engine knows no corridors');
  const east = metres([lon, lat], [lon + 1e-3, lat]) * 1e3;
  const north = metres([lon, lat], [lon, lat + 1e-3]) * 1e3;
  const corners = shape.polygons.map((rings) =>
    rings.map((ring) => ring.map(([x, y]) => [(x - lon) * east, (y - lat) * north] as const)),
  );
  const edges = corners.flat().flatMap((ring) => ring.slice(1).map((to, k) => [ring[k]!, to] as const));
  return Math.min(
    ...edges.map(([[ax, ay], [bx, by]]) => {
      const [dx, dy] = [bx - ax, by - ay];
      const t = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
      return Math.hypot(ax + t * dx, ay + t * dy);
    }),
  );
}
