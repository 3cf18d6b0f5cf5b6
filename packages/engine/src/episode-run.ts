import { ruleIds, suppressions, tiers, type AlarmStepKind, type ClearReason, type RuleId } from '@haulwatch/domain';
import {
  beginEpisode,
  brokenByGap,
  episodeAt,
  episodeWords,
  isRaised,
  newObservation,
  stepEpisode,
  type EpisodeTiming,
  type Facts,
} from '@haulwatch/rules';
import { Labels } from './labels.ts';
import { LaneList } from './lane-list.ts';
import { doubleAt, wordAt, type Lanes } from './lanes.ts';
import { StepQueue, type StepHead } from './step-queue.ts';
import { Storms, type StormScene } from './storms.ts';

/** What happened, for the engine's books. */
export type StepCounter = (kind: AlarmStepKind, rule: RuleId, suppressedBy: number) => void;

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
 * How often a lane's alarm of one rule and label was raised lately, and when the newest of them began; under -1 and -1, of how
 * many of the lane's alarms people were told. The whole layout of a tally.
 */
export const tallyAt = { rule: 0, label: 1, fromMs: 2, raised: 3, beganAtMs: 4 } as const;
export const tallyWords = 5;
/** In place of a rule and of a label. */
const all = -1;

/** Moves the episodes of one lane on by what rules have seen, and queues what is to be told of them. */
export class EpisodeRun {
  readonly episodes = new LaneList(episodeWords, wordAt.firstEpisode);
  readonly tallies = new LaneList(tallyWords, wordAt.firstTally);
  readonly labels: Labels;
  /** Faults that many vehicles show at once. */
  readonly storms: Storms;
  readonly steps = new StepQueue();
  /** Where rules write their answers. */
  readonly seen = newObservation();
  /** What the steps of this fix have in common. */
  readonly head: StepHead = { ...emptyHead };
  readonly #facts: Facts;
  readonly #count: StepCounter;
  #lanes!: Lanes;
  #lane = 0;
  #tellsElsewhere = false;
  /** Driven since the lane's last position, drift left out. */
  movedM = 0;

  constructor(facts: Facts, count: StepCounter, scene: () => StormScene) {
    this.#facts = facts;
    this.#count = count;
    this.storms = new Storms(scene);
    this.labels = new Labels(facts.rules);
  }

  begin(lanes: Lanes, lane: number): void {
    this.#lanes = lanes;
    this.#lane = lane;
    this.movedM = 0;
    this.#tellsElsewhere = false;
  }

  /** Steps of this fix are told at a place that the lane has not moved to. */
  tellAt(lonE7: number, latE7: number): void {
    this.#tellsElsewhere = true;
    this.head.lonE7 = lonE7;
    this.head.latE7 = latE7;
  }

  get hasAny(): boolean {
    return this.episodes.first(this.#lanes, this.#lane) >= 0;
  }

  /** Whether some condition of the lane has begun or ended that nobody has been told of, or is kept from people for a time. */
  get isUnsettled(): boolean {
    const { episodes } = this;
    let episode = episodes.first(this.#lanes, this.#lane);
    for (; episode >= 0; episode = episodes.next(episode)) {
      if (!isRaised(episodes.data, episodes.at(episode)) || this.word(episode, 'endsAtMs') >= 0) return true;
      if (this.#isHushedForATime(episode)) return true;
    }
    return false;
  }

  /** Whether the lane has any episode of a rule. */
  has(rule: number): boolean {
    return this.firstOf(rule) >= 0;
  }

  /** The lane's first episode of a rule from `after` on, or -1. */
  firstOf(rule: number, from = this.episodes.first(this.#lanes, this.#lane)): number {
    let episode = from;
    while (episode >= 0 && this.word(episode, 'rule') !== rule) episode = this.episodes.next(episode);
    return episode;
  }

  word(episode: number, name: keyof typeof episodeAt): number {
    return this.episodes.data[this.episodes.at(episode) + episodeAt[name]]!;
  }

  /** Moves the episode of a rule (and the label of a fence or kind) on by `seen`; begins one where the condition holds. */
  apply(rule: number, label: number, timing: EpisodeTiming): void {
    const { episodes, seen } = this;
    const { atMs, rules } = this.#facts;
    let episode = this.find(rule, label);
    if (episode >= 0 && brokenByGap(episodes.data, episodes.at(episode), atMs, timing)) {
      this.end(episode, 'gap');
      episode = -1;
    }
    if (episode < 0 && seen.state !== 'holds') return;
    this.#nameLimit();
    if (episode < 0) {
      if (seen.fromMs < atMs && this.#isToldFrom(rule, label, seen.fromMs)) seen.fromMs = atMs;
      episode = episodes.add(this.#lanes, this.#lane);
      beginEpisode(episodes.data, episodes.at(episode), rule, label, seen, atMs);
      episodes.data[episodes.at(episode) + episodeAt.policyVersion] = rules.version;
    } else if (this.word(episode, 'seenAtMs') !== atMs) {
      // A kind may be told twice in one fix; the way is driven once.
      episodes.data[episodes.at(episode) + episodeAt.distanceM]! += this.movedM;
    }
    const wasRecordedAlone = this.word(episode, 'tier') === recordedTier && this.word(episode, 'suppressedBy') === 0;
    let change = stepEpisode(episodes.data, episodes.at(episode), seen, atMs, timing);
    // Nobody was told of it, and what kept it from them is over.
    if (change === 'none' && seen.state === 'holds' && this.#isFreed(episode)) change = 'escalated';
    if (change === 'none') return;
    if (change !== 'raised' && change !== 'escalated') {
      this.end(episode, 'condition-over');
      return;
    }
    const at = episodes.at(episode);
    if (change === 'raised') {
      episodes.data[at + episodeAt.policyVersion] = rules.version;
      episodes.data[at + episodeAt.suppressedBy] = this.#suppression(episode);
      const tally = this.#tallyOf(rule, label);
      if (tally >= 0) this.tallies.data[this.tallies.at(tally) + tallyAt.beganAtMs] = this.word(episode, 'startedAtMs');
    } else {
      // What was only recorded so far is news to people now.
      const isOfFlood = wasRecordedAlone && this.#isOfFlood(episode);
      episodes.data[at + episodeAt.suppressedBy] = isOfFlood ? byFlood : this.#remainder(episode);
    }
    this.#tell(change, episode);
  }

  /**
   * Whether an alarm of the rule and label was raised that began at this time or later. One that begins where a former one did
   * has its id, and who keeps alarms takes it for what is over: the load that is too old, the stay, the silence that goes on
   * after its alarm was cleared is another alarm, from now on.
   */
  #isToldFrom(rule: number, label: number, fromMs: number): boolean {
    const tally = this.#tallyOf(rule, label);
    return tally >= 0 && this.tallies.data[this.tallies.at(tally) + tallyAt.beganAtMs]! >= fromMs;
  }

  /** The lane's episode of a rule and label, or -1. A fence that has another name by now is the same fence. */
  find(rule: number, label: number): number {
    const id = this.labels.idOf(label);
    let episode = this.firstOf(rule);
    while (episode >= 0 && this.labels.idOf(this.word(episode, 'fence')) !== id) {
      episode = this.firstOf(rule, this.episodes.next(episode));
    }
    return episode;
  }

  /** Ends an episode: told where it was raised. */
  end(episode: number, reason: ClearReason): void {
    if (isRaised(this.episodes.data, this.episodes.at(episode))) this.#tell('cleared', episode, reason);
    this.episodes.remove(this.#lanes, this.#lane, episode);
  }

  /** A limit's origin under a label that outlives the rule set, with the night in its last bit. */
  #nameLimit(): void {
    const { seen } = this;
    if (seen.state !== 'holds') return;
    const source = seen.limitSource < 0 ? seen.limitSource : this.labels.ofFence(seen.limitSource);
    seen.limitSource = 2 * source + (seen.atNight ? 1 : 0);
  }

  /**
   * What keeps an alarm that is being raised from people, or 0: that it was told too often, or by too many, or a graver one of the
   * vehicle, or too many others of it.
   */
  #suppression(episode: number): number {
    const rule = this.word(episode, 'rule');
    const label = this.word(episode, 'fence');
    if (rule === sos) return 0;
    const often = this.#isFlapping(rule, label);
    // What is told after the fact is no fault of now.
    const isStorm =
      this.head.late === 0 && this.storms.note(rule, label, this.labels, this.head.vehicle, this.#facts.rules.storms);
    // What calls an operator calls them each time.
    if (this.word(episode, 'tier') < operatorTier) {
      if (often) return byFlapping;
      if (isStorm) return byStorm;
    }
    return this.#betweenItAndPeople(episode);
  }

  /** What of the vehicle keeps from people what neither a count of its own nor a storm does, or 0: they are told, and it counts. */
  #betweenItAndPeople(episode: number): number {
    if (this.#isOutranked(episode)) return byZone;
    return this.#isOfFlood(episode) ? byFlood : 0;
  }

  /** What of its suppression is left to an alarm that has become graver or goes on: 0 is none. */
  #remainder(episode: number): number {
    const by = this.word(episode, 'suppressedBy');
    if (by === 0) return 0;
    const isOver = by === byZone || this.word(episode, 'tier') >= operatorTier || this.#isOutlasted(episode);
    return isOver ? this.#betweenItAndPeople(episode) : by;
  }

  /** Notes what is left of its suppression. True: nothing, and it was some. */
  #isFreed(episode: number): boolean {
    const by = this.word(episode, 'suppressedBy');
    if (by === 0) return false;
    const left = this.#remainder(episode);
    this.episodes.data[this.episodes.at(episode) + episodeAt.suppressedBy] = left;
    return left === 0;
  }

  /** Whether it is told once the storm, or the time within which too much was raised, is over: nobody has to answer to the others. */
  #isHushedForATime(episode: number): boolean {
    const by = this.word(episode, 'suppressedBy');
    return by !== 0 && by !== byZone && this.word(episode, 'tier') >= answerTier;
  }

  /** Whether it goes on after what has hushed it for a time; of a flood that is asked by `#isOfFlood`, each time. */
  #isOutlasted(episode: number): boolean {
    if (!this.#isHushedForATime(episode)) return false;
    const rule = this.word(episode, 'rule');
    const label = this.word(episode, 'fence');
    const { atMs, rules } = this.#facts;
    const by = this.word(episode, 'suppressedBy');
    if (by === byFlood) return true;
    if (by === byStorm) return this.storms.letsGo(rule, label, this.labels, this.head.vehicle, rules.storms);
    const tally = this.#tallyOf(rule, label);
    return tally < 0 || atMs - this.tallies.data[this.tallies.at(tally) + tallyAt.fromMs]! > rules.flapping.withinMs;
  }

  /** Whether it is speeding, and people have been told of a prohibited zone that calls at least those whom the speeding would. */
  #isOutranked(episode: number): boolean {
    if (!speeding.includes(this.word(episode, 'rule'))) return false;
    const tier = this.word(episode, 'tier');
    for (let zone = this.firstOf(prohibitedZone); zone >= 0;) {
      const isTold = isRaised(this.episodes.data, this.episodes.at(zone)) && this.word(zone, 'suppressedBy') === 0;
      if (isTold && this.word(zone, 'tier') >= tier) return true;
      zone = this.firstOf(prohibitedZone, this.episodes.next(zone));
    }
    return false;
  }

  /** The lane's tally of a rule and label, or -1. */
  #tallyOf(rule: number, label: number): number {
    const { tallies } = this;
    const id = this.labels.idOf(label);
    let tally = tallies.first(this.#lanes, this.#lane);
    for (; tally >= 0; tally = tallies.next(tally)) {
      const at = tallies.at(tally);
      const isIt = tallies.data[at + tallyAt.rule] === rule;
      if (isIt && this.labels.idOf(tallies.data[at + tallyAt.label]!) === id) break;
    }
    return tally;
  }

  /** Where the count of a rule and label stands in the tallies; it begins anew when its time is over. */
  #countAt(rule: number, label: number, withinMs: number): number {
    const { tallies } = this;
    const { atMs } = this.#facts;
    let tally = this.#tallyOf(rule, label);
    if (tally < 0) {
      tally = tallies.add(this.#lanes, this.#lane);
      tallies.data.set([rule, label, atMs, 0, -Infinity], tallies.at(tally));
    }
    const at = tallies.at(tally);
    if (!(atMs - tallies.data[at + tallyAt.fromMs]! <= withinMs)) {
      tallies.data[at + tallyAt.fromMs] = atMs;
      tallies.data[at + tallyAt.raised] = 0;
    }
    return at + tallyAt.raised;
  }

  #isFlapping(rule: number, label: number): boolean {
    const { raisedMax, withinMs } = this.#facts.rules.flapping;
    const count = this.#countAt(rule, label, withinMs);
    this.tallies.data[count]! += 1;
    return this.tallies.data[count]! > raisedMax;
  }

  /**
   * Whether people were told as much of the vehicle as they can take within the time; else they are told this, and it counts. What
   * calls an operator counts and is told always. What is only recorded, or told after the fact, calls nobody and does neither.
   */
  #isOfFlood(episode: number): boolean {
    const tier = this.word(episode, 'tier');
    if (tier === recordedTier || this.head.late !== 0) return false;
    const { toldMax, withinMs } = this.#facts.rules.flood;
    const count = this.#countAt(all, all, withinMs);
    if (tier < operatorTier && this.tallies.data[count]! >= toldMax) return true;
    this.tallies.data[count]! += 1;
    return false;
  }

  #placeHead(): void {
    const lanes = this.#lanes;
    const hasPosition = !Number.isNaN(lanes.get(this.#lane, doubleAt.positionAtMs));
    this.head.lonE7 = hasPosition ? lanes.getWord(this.#lane, wordAt.lonE7) : Number.NaN;
    this.head.latE7 = hasPosition ? lanes.getWord(this.#lane, wordAt.latE7) : Number.NaN;
  }

  #tell(kind: AlarmStepKind, episode: number, reason?: ClearReason): void {
    const { data } = this.episodes;
    const at = this.episodes.at(episode);
    data[at + episodeAt.seq]! += 1;
    if (!this.#tellsElsewhere) this.#placeHead();
    this.steps.push(kind, reason, this.head, data, at);
    this.#count(kind, ruleIds[data[at + episodeAt.rule]!]!, data[at + episodeAt.suppressedBy]!);
  }
}

const emptyHead: StepHead = {
  kind: 0,
  clearReason: -1,
  vehicle: 0,
  late: 0,
  atMs: 0,
  lonE7: Number.NaN,
  latE7: Number.NaN,
  offset: 0,
  index: 0,
  producedAtMs: 0,
};
