import { ruleIds, suppressions, tiers, type RuleId } from '@haulwatch/domain';
import { episodeAt, isRaised, type Facts } from '@haulwatch/rules';
import type { LaneEpisodes } from './lane-episodes.ts';
import type { StepHead } from './step-queue.ts';
import { Storms, type StormScene } from './storms.ts';
import { everyAlarm, Tallies } from './tallies.ts';

const numberOf = (rule: RuleId): number => ruleIds.indexOf(rule);
const sos = numberOf('sos');
const prohibitedZone = numberOf('prohibited-zone');
const speeding: readonly number[] = [numberOf('overspeed'), numberOf('overspeed-warning')];
const operatorTier = tiers.indexOf('T3');
/** Nobody is told. */
const recordedTier = tiers.indexOf('T0');
/** From here on somebody must answer. */
const answerTier = tiers.indexOf('T2');
const byZone = 1 + suppressions.indexOf('prohibited-zone');
const byFlapping = 1 + suppressions.indexOf('flapping');
const byStorm = 1 + suppressions.indexOf('storm');
const byFlood = 1 + suppressions.indexOf('flood');

/**
 * What keeps alarms from people: a graver one of the vehicle, that the same was told too often, or by too many vehicles, or too many
 * others of the vehicle. They are recorded all the same, and counted. Says 1 + the place in `suppressions`, or 0.
 */
export class Hush {
  readonly tallies: Tallies;
  /** Faults that many vehicles show at once. */
  readonly storms: Storms;
  readonly #facts: Facts;
  readonly #own: LaneEpisodes;
  readonly #head: StepHead;

  constructor(facts: Facts, own: LaneEpisodes, head: StepHead, scene: () => StormScene) {
    this.#facts = facts;
    this.#own = own;
    this.#head = head;
    this.storms = new Storms(scene);
    this.tallies = new Tallies(own.labels);
  }

  /** Of an alarm that is being raised: it counts from now on. */
  ofRaise(episode: number): number {
    const own = this.#own;
    const { atMs, rules } = this.#facts;
    const [rule, label] = [own.word(episode, 'rule'), own.word(episode, 'fence')];
    if (rule === sos) return 0;
    const { raisedMax, withinMs } = rules.flapping;
    const often = this.tallies.count(own.keyOf(rule, label), atMs, withinMs) > raisedMax;
    // What is told after the fact is no fault of now.
    const isStorm =
      this.#head.late === 0 && this.storms.note(rule, label, own.labels, this.#head.vehicle, rules.storms);
    // What calls an operator calls them each time.
    if (own.word(episode, 'tier') < operatorTier) {
      if (often) return byFlapping;
      if (isStorm) return byStorm;
    }
    return this.#betweenItAndPeople(episode);
  }

  /** Of an alarm that has become graver; what was only recorded so far is news to people now. */
  ofEscalation(episode: number, wasRecordedAlone: boolean): number {
    const isOfFlood = wasRecordedAlone && this.#isOfFlood(episode);
    return isOfFlood ? byFlood : this.#remainder(episode);
  }

  /** Notes what is left of its suppression. True: nothing, and it was some. */
  isFreed(episode: number): boolean {
    if (this.#own.word(episode, 'suppressedBy') === 0) return false;
    const left = this.#remainder(episode);
    const { episodes } = this.#own;
    episodes.data[episodes.at(episode) + episodeAt.suppressedBy] = left;
    return left === 0;
  }

  /** Whether nobody was told of it, and nothing but its tier kept it from people. */
  isRecordedAlone(episode: number): boolean {
    return this.#own.word(episode, 'tier') === recordedTier && this.#own.word(episode, 'suppressedBy') === 0;
  }

  /** Whether it is told once the storm, or the time within which too much was raised, is over: nobody has to answer to the others. */
  isForATime(episode: number): boolean {
    const by = this.#own.word(episode, 'suppressedBy');
    return by !== 0 && by !== byZone && this.#own.word(episode, 'tier') >= answerTier;
  }

  /** What of the vehicle keeps from people what neither a count of its own nor a storm does, or 0: they are told, and it counts. */
  #betweenItAndPeople(episode: number): number {
    if (this.#isOutranked(episode)) return byZone;
    return this.#isOfFlood(episode) ? byFlood : 0;
  }

  /** What of its suppression is left to an alarm that has become graver or goes on: 0 is none. */
  #remainder(episode: number): number {
    const by = this.#own.word(episode, 'suppressedBy');
    if (by === 0) return 0;
    const isOver = by === byZone || this.#own.word(episode, 'tier') >= operatorTier || this.#isOutlasted(episode);
    return isOver ? this.#betweenItAndPeople(episode) : by;
  }

  /** Whether it goes on after what has hushed it for a time; of a flood that is asked by `#isOfFlood`, each time. */
  #isOutlasted(episode: number): boolean {
    if (!this.isForATime(episode)) return false;
    const own = this.#own;
    const { atMs, rules } = this.#facts;
    const [rule, label] = [own.word(episode, 'rule'), own.word(episode, 'fence')];
    const by = own.word(episode, 'suppressedBy');
    if (by === byFlood) return true;
    if (by === byStorm) return this.storms.letsGo(rule, label, own.labels, this.#head.vehicle, rules.storms);
    return this.tallies.isPast(own.keyOf(rule, label), atMs, rules.flapping.withinMs);
  }

  /** Whether it is speeding, and people have been told of a prohibited zone that calls at least those whom the speeding would. */
  #isOutranked(episode: number): boolean {
    const own = this.#own;
    const { episodes } = own;
    if (!speeding.includes(own.word(episode, 'rule'))) return false;
    const tier = own.word(episode, 'tier');
    for (let zone = own.firstOf(prohibitedZone); zone >= 0;) {
      const isTold = isRaised(episodes.data, episodes.at(zone)) && own.word(zone, 'suppressedBy') === 0;
      if (isTold && own.word(zone, 'tier') >= tier) return true;
      zone = own.firstOf(prohibitedZone, episodes.next(zone));
    }
    return false;
  }

  /**
   * Whether people were told as much of the vehicle as they can take within the time; else they are told this, and it counts. What
   * calls an operator counts and is told always. What is only recorded, or told after the fact, calls nobody and does neither.
   */
  #isOfFlood(episode: number): boolean {
    const tier = this.#own.word(episode, 'tier');
    if (tier === recordedTier || this.#head.late !== 0) return false;
    const { atMs, rules } = this.#facts;
    const { toldMax, withinMs } = rules.flood;
    const told = this.#own.keyOf(everyAlarm, everyAlarm);
    if (tier < operatorTier && this.tallies.countOf(told, atMs, withinMs) >= toldMax) return true;
    this.tallies.count(told, atMs, withinMs);
    return false;
  }
}
