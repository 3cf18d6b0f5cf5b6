import { ruleIds, type RuleId } from '@haulwatch/domain';
import {
  beginPresence,
  inForce,
  inForceThroughout,
  motion,
  presenceAt,
  presenceDueMs,
  presenceWords,
  resetObservation,
  settingOf,
  stepPresence,
  useBit,
  watchedMask,
  type ActiveRule,
  type EpisodeTiming,
  type Facts,
  type Quiet,
  type Schedule,
  type Situation,
} from '@haulwatch/rules';
import type { EpisodeRun } from './episode-run.ts';
import { LaneList } from './lane-list.ts';
import { wordAt, type Lanes } from './lanes.ts';

const numberOf = (rule: RuleId): number => ruleIds.indexOf(rule);
const enter = numberOf('fence-enter');
const exit = numberOf('fence-exit');
const dwell = numberOf('zone-dwell');
const enterBit = useBit('enter');
const exitBit = useBit('exit');

/** Leaving is told at once and over at once: the stay has confirmed it already. */
const atOnce: EpisodeTiming = { minDurationMs: 0, clearAfterMs: 0, gapMaxMs: Infinity };

/** What a fix is to the stays of its vehicle. */
export type Sighting = {
  /** It, or the fences, are seen for the first time: who is inside has not entered. */
  isFirst: boolean;
  /** Minute of the week at its former position: a fence that was closed then, or since, is seen for the first time, too. */
  formerMinute: number;
  /** Minutes that have begun since. */
  sinceMinutes: number;
  /** Too inaccurate to tell on which side of a border it is. */
  isVague: boolean;
  /** That, or standing before and after: what seems to cross a border did not. */
  isJitter: boolean;
  /** So far from a border it is on the side on which it is seen all the same, metres. */
  marginM: number;
};

/** Stays in fences whose comings, goings or lengths some rule watches, and the three rules that are shown them. */
export class Stays {
  readonly presences = new LaneList(presenceWords, wordAt.firstPresence);
  readonly #facts: Facts;
  readonly #run: EpisodeRun;
  readonly #situation: Situation;

  constructor(facts: Facts, run: EpisodeRun, situation: Situation) {
    this.#facts = facts;
    this.#run = run;
    this.#situation = situation;
  }

  /** Whether there is anything to watch for the lane. */
  isWatching(lanes: Lanes, lane: number): boolean {
    if ((this.#facts.placeMask & watchedMask) !== 0 || this.presences.first(lanes, lane) >= 0) return true;
    // The stay is over, its alarm is still to be.
    return this.#run.hasAny && (this.#run.has(enter) || this.#run.has(dwell));
  }

  /** After the fences that hold the position are known. */
  see(lanes: Lanes, lane: number, sighting: Sighting, quiet: Quiet): void {
    this.#begin(lanes, lane, sighting);
    // The next fix may be at the same place, and sure of it.
    if (sighting.isVague && !this.#isAsSeen(lanes, lane)) quiet.untilMs = this.#facts.atMs;
    this.#step(lanes, lane, sighting.isJitter, quiet);
  }

  /** A timer asks: the stays go on as they are. */
  recall(lanes: Lanes, lane: number, quiet: Quiet): void {
    this.#step(lanes, lane, true, quiet);
  }

  #begin(lanes: Lanes, lane: number, sighting: Sighting): void {
    const { presences } = this;
    const facts = this.#facts;
    const { rules, classCode } = facts;
    for (let i = 0; i < facts.fenceCount; i += 1) {
      const fence = rules.fences[facts.fences[i]!]!;
      if ((fence.mask & watchedMask) === 0 || (fence.classMask & (1 << classCode)) === 0) continue;
      if (!inForce(fence.schedule, facts.minuteOfWeek)) continue;
      const isNew = isFirstSight(sighting, fence.schedule);
      if (sighting.isJitter && !isNew) continue;
      const label = this.#run.labels.ofFence(facts.fences[i]!);
      if (this.#find(lanes, lane, label) >= 0) continue;
      const presence = presences.add(lanes, lane);
      beginPresence(presences.data, presences.at(presence), label, facts.atMs, isNew);
    }
  }

  #step(lanes: Lanes, lane: number, isFrozen: boolean, quiet: Quiet): void {
    const { presences } = this;
    const { atMs, minuteOfWeek, rules } = this.#facts;
    const confirmMs = rules.motion.fenceConfirmMs;
    for (let presence = presences.first(lanes, lane); presence >= 0;) {
      const next = presences.next(presence);
      const at = presences.at(presence);
      const number = rules.fenceNumbers.get(this.#run.labels.fence(presences.data[at + presenceAt.fence]!).id);
      // A fence that is gone, or whose hours are over, is neither left nor entered.
      if (number === undefined || !inForce(rules.fences[number]!.schedule, minuteOfWeek)) {
        presences.remove(lanes, lane, presence);
      } else {
        const isInside = isFrozen ? presences.data[at + presenceAt.outSinceMs]! < 0 : this.#holds(number);
        const change = stepPresence(presences.data, at, isInside, atMs, confirmMs);
        // One that was never believed is nothing to anybody, however long ago its only fix was.
        if (change !== 'forgotten') this.#judge(at, number, change === 'left');
        const dueMs = presenceDueMs(presences.data, at, atMs, confirmMs, rules.fences[number]!.dwellMaxMs);
        if (change === 'none') quiet.untilMs = Math.min(quiet.untilMs, dueMs);
        else presences.remove(lanes, lane, presence);
      }
      presence = next;
    }
    this.#endOthers(lanes, lane);
  }

  /** Whether the lane is believed to be in just those watched fences that hold its position. */
  #isAsSeen(lanes: Lanes, lane: number): boolean {
    const { presences } = this;
    const { rules, fences, fenceCount } = this.#facts;
    for (let presence = presences.first(lanes, lane); presence >= 0; presence = presences.next(presence)) {
      const label = presences.data[presences.at(presence) + presenceAt.fence]!;
      const number = rules.fenceNumbers.get(this.#run.labels.fence(label).id);
      if (number !== undefined && !this.#holds(number)) return false;
    }
    for (let i = 0; i < fenceCount; i += 1) {
      const isWatched = (rules.fences[fences[i]!]!.mask & watchedMask) !== 0;
      if (isWatched && this.#find(lanes, lane, this.#run.labels.ofFence(fences[i]!)) < 0) return false;
    }
    return true;
  }

  /** Whether this fence is one of those that hold the position. */
  #holds(number: number): boolean {
    const { fences, fenceCount } = this.#facts;
    for (let i = 0; i < fenceCount; i += 1) if (fences[i] === number) return true;
    return false;
  }

  #judge(at: number, number: number, hasLeft: boolean): void {
    const facts = this.#facts;
    const run = this.#run;
    const { data } = this.presences;
    const fence = facts.rules.fences[number]!;
    const rules = facts.rules.classRules[facts.classCode]!;
    const label = data[at + presenceAt.fence]!;
    const enteredAtMs = data[at + presenceAt.enteredAtMs]!;
    // Outside, but not yet for long enough: neither there nor over.
    const isOut = data[at + presenceAt.outSinceMs]! >= 0;
    const here = isOut ? 'band' : 'holds';
    const state = hasLeft ? 'over' : here;
    const isEntry = data[at + presenceAt.isConfirmed] === 1 && data[at + presenceAt.isFirstSight] === 0;
    if ((fence.mask & enterBit) !== 0 && isEntry && this.#meets(rules.enter)) {
      run.seen.state = state;
      run.seen.fromMs = enteredAtMs;
      run.apply(enter, label, rules.enter!.timing);
    }
    const stayedMs = facts.atMs - enteredAtMs;
    if (stayedMs > fence.dwellMaxMs && this.#meets(rules.dwell)) {
      run.seen.state = state;
      run.seen.fromMs = enteredAtMs;
      run.seen.value = Math.round(stayedMs / 6_000) / 10;
      run.seen.limit = fence.dwellMaxMs / 60_000;
      run.apply(dwell, label, rules.dwell!.timing);
    }
    if (hasLeft && (fence.mask & exitBit) !== 0 && this.#meets(rules.exit)) {
      run.seen.state = 'holds';
      run.seen.fromMs = data[at + presenceAt.outSinceMs]!;
      run.apply(exit, label, atOnce);
      const told = run.find(exit, label);
      if (told >= 0) run.end(told, 'condition-over');
    }
  }

  /** Whether a rule applies here and now; `seen` is ready for it then. */
  #meets(active: ActiveRule | undefined): boolean {
    if (active === undefined) return false;
    const setting = settingOf(active, this.#situation);
    if (setting === undefined) return false;
    resetObservation(this.#run.seen);
    this.#run.seen.level = setting.level;
    this.#run.seen.tier = setting.tier;
    return true;
  }

  /** Alarms of stays that are over, or whose fence the policy has dropped. */
  #endOthers(lanes: Lanes, lane: number): void {
    const { atMs, rules, classCode } = this.#facts;
    const run = this.#run;
    for (let episode = run.episodes.first(lanes, lane); episode >= 0;) {
      const next = run.episodes.next(episode);
      const rule = run.word(episode, 'rule');
      if ((rule === enter || rule === dwell) && run.word(episode, 'seenAtMs') !== atMs) {
        const label = run.word(episode, 'fence');
        const active = rule === enter ? rules.classRules[classCode]!.enter : rules.classRules[classCode]!.dwell;
        const isGone = active === undefined || !rules.fenceNumbers.has(run.labels.fence(label).id);
        if (isGone) run.end(episode, 'rule-withdrawn');
        else {
          resetObservation(run.seen);
          run.apply(rule, label, active.timing);
        }
      }
      episode = next;
    }
  }

  #find(lanes: Lanes, lane: number, label: number): number {
    const { presences } = this;
    const { labels } = this.#run;
    const id = labels.idOf(label);
    let presence = presences.first(lanes, lane);
    while (presence >= 0) {
      if (labels.idOf(presences.data[presences.at(presence) + presenceAt.fence]!) === id) break;
      presence = presences.next(presence);
    }
    return presence;
  }
}

/** Whether a fence with these hours is seen for the first time: whoever is inside was there before. */
export function isFirstSight({ isFirst, formerMinute, sinceMinutes }: Sighting, schedule: Schedule): boolean {
  return isFirst || !inForceThroughout(schedule, formerMinute, sinceMinutes);
}

/**
 * Standing before and after: what moved is the position alone. Unless it has been driven or towed in a gap.
 *
 * @param sincePlaceMs since its former position: nobody saw it drive where fixes had none.
 */
export function isStanding(facts: Facts, wasMoving: boolean, sincePlaceMs: number): boolean {
  const { gapMaxMs, motion: bounds } = facts.rules;
  const isElsewhere = sincePlaceMs > gapMaxMs && facts.movedM > 2 * bounds.accuracyMaxM;
  return !wasMoving && facts.motion === motion.stopped && !isElsewhere;
}
