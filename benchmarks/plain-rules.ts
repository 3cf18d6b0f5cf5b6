import {
  tiers as allTiers,
  toE7,
  type Fence,
  type FirstRuleCase,
  type Fix,
  type Policy,
  type ScheduleWindow,
} from '@haulwatch/domain';
import { FlatbushTurf } from './fence-peers.ts';
import { latticeOf } from './lattice-fence.ts';
import { PlainClock } from './plain-clock.ts';
import { metres, metresToBorder } from './plain-distance.ts';
import { PlainEpisode, type PlainAlarm, type Seen, type Subject, type Timing } from './plain-episode.ts';
import { isPressed, type PlainLane, type PlainPlace } from './plain-lane.ts';

/** The three rules over the fixes of a lane, with flatbush and turf, and a map of episodes as objects. */
export class PlainRules {
  /** Steps of alarms that nobody has taken yet. */
  told: PlainAlarm[] = [];
  derivedSpeeds = 0;
  readonly #policy: Policy;
  readonly #finder: FlatbushTurf;
  readonly #fencesById: ReadonlyMap<string, Fence>;
  readonly #clock: PlainClock;
  readonly #timing: Readonly<Record<Subject['rule'], Timing>>;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#finder = new FlatbushTurf(policy.fences.map((fence) => latticeOf(fence.shape)));
    this.#fencesById = new Map(policy.fences.map((fence) => [fence.id, fence]));
    this.#clock = new PlainClock(policy.timeZone);
    const { overspeed, prohibitedZone, sos, time } = policy;
    this.#timing = {
      // More than that time, in whole milliseconds.
      overspeed: timingOf(overspeed.minDurationS.value + 0.001, overspeed.clearAfterS.value, time.gapMaxS.value),
      'prohibited-zone': timingOf(prohibitedZone.minDurationS.value, prohibitedZone.clearAfterS.value, Infinity),
      sos: timingOf(0, sos.clearAfterS.value, Math.max(3_600, time.gapMaxS.value)),
    };
  }

  /** A fix that is newer than all of its lane. */
  run(lane: PlainLane, fix: Fix): void {
    const { fixedAtMs: atMs } = fix;
    if (fix.valid !== false) this.#move(lane, fix);
    else lane.motion.take({ atMs, lastAtMs: lane.lastAtMs, speedKph: undefined, isDerived: false });
    const seen = isPressed(fix) ? this.#pressed(lane, atMs) : ({ state: 'over' } as const);
    if (!lane.late) this.#step(lane, { rule: 'sos' }, atMs, seen);
    // A press that is told late was heard when it came; where the alarm is newer, nothing is news.
    else if (atMs > (lane.episodes.get('sos')?.seenAtMs ?? -Infinity)) {
      this.#step(lane, { rule: 'sos' }, atMs, isPressed(fix) ? { state: 'unknown' } : seen);
    }
    lane.lastAtMs = atMs;
  }

  /** The zones of a lane of which nothing is heard: those that are not closed to it any more are over. */
  lookAtZones(lane: PlainLane, atMs: number): void {
    const zones = [...lane.episodes.values()].flatMap(
      ({ subject: { fenceId } }) => this.#fencesById.get(fenceId ?? '') ?? [],
    );
    for (const zone of zones) {
      if (this.#isFor(zone, lane, atMs)) continue;
      this.#step(lane, { rule: 'prohibited-zone', fenceId: zone.id }, atMs, { state: 'over' });
    }
  }

  /** The emergency button alone. Where the alarm is up, only what is newer than its last word is news. */
  press(lane: PlainLane, atMs: number): void {
    const open = lane.episodes.get('sos');
    if (open === undefined || atMs >= open.seenAtMs) this.#step(lane, { rule: 'sos' }, atMs, this.#pressed(lane, atMs));
  }

  /** The same where it is not pressed. */
  release(lane: PlainLane, atMs: number): void {
    const open = lane.episodes.get('sos');
    if (open !== undefined && atMs >= open.seenAtMs) this.#step(lane, { rule: 'sos' }, atMs, { state: 'over' });
  }

  /** Nothing more will come: what is open ends where it was last seen. */
  endAll(lane: PlainLane, goesOn = { fromMs: Infinity, toMs: -Infinity }): void {
    for (const [key, episode] of lane.episodes) {
      const { seenAtMs } = episode;
      if (key === 'sos' && seenAtMs >= goesOn.fromMs && seenAtMs <= goesOn.toMs) continue;
      this.#tell(episode.lose(seenAtMs, 'late-lane-over'));
      lane.episodes.delete(key);
    }
    lane.tallies.clear();
  }

  /** Another emergency is told that lies before the open one. */
  endPress(lane: PlainLane): void {
    const open = lane.episodes.get('sos');
    if (open !== undefined) this.#tell(open.lose(open.seenAtMs, 'late-lane-over'));
    lane.episodes.delete('sos');
  }

  #pressed(lane: PlainLane, atMs: number): Seen {
    const { cases, level, tier } = this.#policy.sos;
    const changes = this.#changes(cases, lane, atMs, []);
    return { state: 'holds', level: changes.level ?? level, tier: changes.tier ?? tier };
  }

  #move(lane: PlainLane, fix: Fix): void {
    const { fixedAtMs: atMs } = fix;
    const former = lane.place;
    const from = this.#believe(lane, fix);
    const isBelieved = lane.place!.atMs === atMs;
    const toldKph = this.#toldKph(fix);
    const derivedKph = toldKph === undefined && isBelieved ? this.#derivedKph(lane.prior, from, fix) : undefined;
    // The place that a doubt was settled by has none before it.
    if (isBelieved) lane.prior = derivedKph === undefined || from !== former ? undefined : from;
    const speedKph = toldKph ?? derivedKph;
    const { lonDeg, latDeg } = lane.place!;
    const fences = this.#finder
      .fencesAt(toE7(lonDeg), toE7(latDeg))
      .map((number) => this.#policy.fences[number]!)
      .filter((fence) => this.#isFor(fence, lane, atMs));
    const wasMoving = lane.motion.isMoving === true || former === undefined;
    lane.motion.take({
      atMs,
      lastAtMs: lane.lastAtMs,
      ...(isBelieved ? { here: lane.place!, ...(from === undefined ? {} : { from }) } : {}),
      speedKph,
      isDerived: toldKph === undefined,
    });
    if (isBelieved) {
      const isSettled = from !== former;
      const isStanding = !wasMoving && !isSettled && lane.motion.isMoving === false && !this.#isElsewhere(former, lane);
      this.#zones(lane, atMs, fences, { isStanding, former });
    }
    const changes = this.#changes(this.#policy.overspeed.cases, lane, atMs, fences);
    this.#step(lane, { rule: 'overspeed' }, atMs, this.#speed(lane, speedKph, fences, changes));
  }

  /** In a gap between its positions it may have been driven. */
  #isElsewhere(former: PlainPlace, { place }: PlainLane): boolean {
    const { time, motion } = this.#policy;
    const isGap = place!.atMs - former.atMs > time.gapMaxS.value * 1_000;
    return isGap && metres(former, place!) > 2 * motion.accuracyMaxM.value;
  }

  #zones(lane: PlainLane, atMs: number, fences: readonly Fence[], { isStanding, former }: Sight): void {
    const rule = this.#policy.prohibitedZone;
    const changes = this.#changes(rule.cases, lane, atMs, fences);
    const known = [...lane.episodes.values()].flatMap(
      ({ subject: { fenceId } }) => this.#fencesById.get(fenceId ?? '') ?? [],
    );
    for (const fence of new Set([...fences.filter(({ prohibited }) => prohibited), ...known])) {
      const { id, level, tier } = fence;
      const what = { rule: 'prohibited-zone', fenceId: id } as const;
      const isSeen = fences.includes(fence);
      const isNews = former === undefined || !this.#isOpenThroughout(fence.schedule, former.atMs, atMs);
      // Who stands near the border is where it was.
      const isKept =
        isStanding && !isNews && metresToBorder(fence.shape, lane.place!) <= this.#policy.motion.accuracyMaxM.value;
      const isIn = isKept ? lane.episodes.get(what.rule + id)?.isHeld === true : isSeen;
      if (!isIn || changes.off === true || !this.#isFor(fence, lane, atMs)) {
        this.#step(lane, what, atMs, { state: 'over' });
        continue;
      }
      const grade = { level: changes.level ?? level ?? rule.level, tier: changes.tier ?? tier ?? rule.tier };
      this.#step(lane, what, atMs, { state: 'holds', ...grade });
    }
  }

  #speed(
    lane: PlainLane,
    speedKph: number | undefined,
    fences: readonly Fence[],
    changes: Omit<FirstRuleCase, 'when'>,
  ): Seen {
    if (changes.off === true) return { state: 'over' };
    if (speedKph === undefined) return { state: 'unknown' };
    const { limitsKph, clearBelowKph, tiers } = this.#policy.overspeed;
    const limit = Math.min(limitsKph[lane.class].value, ...fences.map((fence) => fence.limitKph ?? Infinity));
    if (speedKph <= limit) {
      return { state: speedKph > 0 && speedKph > limit - clearBelowKph.value ? 'band' : 'over' };
    }
    // In tenths, as terminals tell it: whole numbers meet the tiers' borders.
    const excessPercent = (Math.round(speedKph * 10 - limit * 10) * 10) / limit;
    const tier = tiers.findLast((one) => one.excessPercent <= excessPercent)!;
    const told = { level: changes.level ?? tier.level, tier: changes.tier ?? tier.tier };
    return { state: 'holds', ...told, value: speedKph, limit };
  }

  /** Moves the lane to a fix that it can have driven to, or that is the fourth in a row to say so. Returns where it came from. */
  #believe(lane: PlainLane, { fixedAtMs: atMs, lonDeg, latDeg }: Fix): PlainPlace | undefined {
    const here = { atMs, lonDeg, latDeg };
    const former = lane.place;
    const doubted = lane.doubted.at(-1);
    const isReached = former === undefined || this.#canDrive(former, here);
    const agreeing = doubted !== undefined && this.#canDrive(doubted, here) ? lane.doubted : [];
    if (isReached || agreeing.length === 3) {
      lane.place = here;
      lane.doubted = [];
      return isReached ? former : doubted;
    }
    lane.doubted = [...agreeing, here];
    return former;
  }

  #canDrive(from: PlainPlace, to: PlainPlace): boolean {
    return (metres(from, to) / (to.atMs - from.atMs)) * 3_600 <= this.#policy.overspeed.plausibleMaxKph.value;
  }

  /** What no vehicle can drive, a terminal has not told. */
  #toldKph({ speedKph }: Fix): number | undefined {
    const isPossible = speedKph !== undefined && speedKph <= this.#policy.overspeed.plausibleMaxKph.value;
    return isPossible ? speedKph : undefined;
  }

  /** The speed of a terminal that sends none: from the place where it came from, no more than from the one before. */
  #derivedKph(prior: PlainPlace | undefined, from: PlainPlace | undefined, fix: Fix): number | undefined {
    if (from === undefined) return undefined;
    const sinceMs = fix.fixedAtMs - from.atMs;
    if (sinceMs > this.#policy.time.gapMaxS.value * 1_000) return undefined;
    this.derivedSpeeds += 1;
    const perMs = metres(from, fix) / sinceMs;
    const ofTwo = prior === undefined ? Infinity : metres(prior, fix) / (fix.fixedAtMs - prior.atMs);
    return Math.round(Math.min(perMs, ofTwo) * 36_000) / 10;
  }

  #isFor(fence: Fence, lane: PlainLane, atMs: number): boolean {
    return fence.classes.includes(lane.class) && this.#isOpen(fence.schedule, atMs);
  }

  #isOpen(schedule: readonly ScheduleWindow[], atMs: number): boolean {
    if (schedule.length === 0) return true;
    const { day, minute } = this.#clock.at(atMs);
    const dayBefore = day === 1 ? 7 : day - 1;
    return schedule.some(({ days, fromMinute, toMinute }) => {
      if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
      return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute);
    });
  }

  #isOpenThroughout(schedule: readonly ScheduleWindow[], fromMs: number, toMs: number): boolean {
    if (schedule.length === 0) return true;
    // After a week all has been closed that ever is.
    const minutes = Math.min(Math.floor(toMs / 60_000) - Math.floor(fromMs / 60_000), 10_080);
    return Array.from({ length: minutes + 1 }, (_, i) => fromMs + i * 60_000).every((atMs) =>
      this.#isOpen(schedule, atMs),
    );
  }

  /** What the last case that is met changes. */
  #changes(
    cases: readonly FirstRuleCase[] = [],
    lane: PlainLane,
    atMs: number,
    here: readonly Fence[],
  ): Omit<FirstRuleCase, 'when'> {
    const isUsed = (uses: readonly string[]): boolean =>
      here.some((fence) => (fence.uses ?? []).some((use) => uses.includes(use)));
    const found = cases.findLast(({ when: { classes, hours, within, outside, fences } }) => {
      if (classes !== undefined && !classes.includes(lane.class)) return false;
      if (within !== undefined && !isUsed(within)) return false;
      if (outside !== undefined && isUsed(outside)) return false;
      if (fences !== undefined && !here.some(({ id }) => fences.includes(id))) return false;
      return this.#isOpen(hours ?? [], atMs);
    });
    return found ?? {};
  }

  #step(lane: PlainLane, what: Pick<Subject, 'rule' | 'fenceId'>, atMs: number, seen: Seen): void {
    const key = what.rule + (what.fenceId ?? '');
    let episode = lane.episodes.get(key);
    if (episode?.isLost(atMs) === true) {
      const lost = episode.lose(atMs, 'gap');
      noteTold(lane, key, lost);
      this.#tell(lost);
      lane.episodes.delete(key);
      episode = undefined;
    }
    if (episode === undefined) {
      if (seen.state !== 'holds') return;
      const subject: Subject = { ...what, vehicleId: lane.vehicleId, late: lane.late };
      episode = new PlainEpisode(subject, this.#timing[what.rule], atMs, seen);
      episode.isToldLive = this.#timing[what.rule].gapMaxMs === Infinity && lane.isToldLive(key, atMs);
      lane.episodes.set(key, episode);
    }
    const alarm = episode.move(seen, atMs);
    if (episode.done) lane.episodes.delete(key);
    if (episode.isToldLive) return;
    const isFreed = seen.state === 'holds' && this.#hush(lane, key, episode, alarm?.kind, atMs);
    noteTold(lane, key, alarm);
    this.#tell(alarm ?? (isFreed ? episode.freed(seen, atMs) : undefined));
  }

  /** Finds out what keeps an episode from people from now on, and whether it was a zone and is none any more. */
  #hush(
    lane: PlainLane,
    key: string,
    episode: PlainEpisode,
    kind: PlainAlarm['kind'] | undefined,
    atMs: number,
  ): boolean {
    if (kind === 'raised') {
      const { raisedMax, withinS } = this.#policy.flapping;
      const isTooOften = lane.countRaised(key, atMs, withinS.value * 1_000) > raisedMax.value;
      if (isTooOften && episode.rank < operatorRank) episode.hushedBy = 'count';
      else if (isOutranked(lane, episode)) episode.hushedBy = 'zone';
      return false;
    }
    if (episode.hushedBy === 'count' && this.#isCountedNoMore(lane, key, episode, atMs)) episode.hushedBy = 'zone';
    if (episode.hushedBy !== 'zone' || isOutranked(lane, episode)) return false;
    episode.hushedBy = undefined;
    return true;
  }

  /** It calls an operator, or goes on after the time of the count and somebody must answer to it. */
  #isCountedNoMore(lane: PlainLane, key: string, { rank }: PlainEpisode, atMs: number): boolean {
    const { fromMs } = lane.tallies.get(key)!;
    const isPast = atMs - fromMs > this.#policy.flapping.withinS.value * 1_000;
    return rank === operatorRank || (isPast && rank >= answerRank);
  }

  #tell(alarm: PlainAlarm | undefined): void {
    if (alarm !== undefined) this.told.push(alarm);
  }
}

type Sight = { readonly isStanding: boolean; readonly former: PlainPlace | undefined };

const operatorRank = allTiers.indexOf('T3');
const answerRank = allTiers.indexOf('T2');

function noteTold({ told }: PlainLane, key: string, alarm: PlainAlarm | undefined): void {
  const former = told.get(key) ?? [];
  if (alarm?.kind === 'raised') told.set(key, [...former, { fromMs: alarm.startedAtMs, toMs: Infinity }]);
  if (alarm?.endedAtMs === undefined) return;
  told.set(key, [...former.slice(0, -1), { fromMs: alarm.startedAtMs, toMs: alarm.endedAtMs }]);
}

/** Whether it is speeding, and people know of a closed zone that calls at least as many of them. */
function isOutranked({ episodes }: PlainLane, { subject, rank }: PlainEpisode): boolean {
  if (subject.rule !== 'overspeed') return false;
  return [...episodes.values()].some(
    (zone) =>
      zone.subject.rule === 'prohibited-zone' && zone.isRaised && zone.hushedBy === undefined && zone.rank >= rank,
  );
}

function timingOf(minDurationS: number, clearAfterS: number, gapMaxS: number): Timing {
  return { minDurationMs: minDurationS * 1_000, clearAfterMs: clearAfterS * 1_000, gapMaxMs: gapMaxS * 1_000 };
}
