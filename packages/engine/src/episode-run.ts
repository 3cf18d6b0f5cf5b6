import { ruleIds, suppressions, tiers, type AlarmStepKind, type ClearReason, type RuleId } from '@haulwatch/domain';
import {
  beginEpisode,
  brokenByGap,
  episodeAt,
  episodeWords,
  endOf,
  isRaised,
  newObservation,
  stepEpisode,
  type EpisodeTiming,
  type Facts,
} from '@haulwatch/rules';
import type { Departures } from './departures.ts';
import { Labels } from './labels.ts';
import { LaneList } from './lane-list.ts';
import { doubleAt, wordAt, type Lanes } from './lanes.ts';
import { StepQueue, type StepHead } from './step-queue.ts';
import { Storms, type StormScene } from './storms.ts';
import { Tallies, type TallyKey } from './tallies.ts';

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

/** Moves the episodes of one lane on by what rules have seen, and queues what is to be told of them. */
export class EpisodeRun {
  readonly episodes = new LaneList(episodeWords, wordAt.firstEpisode);
  readonly tallies: Tallies;
  readonly labels: Labels;
  /** Faults that many vehicles show at once. */
  readonly storms: Storms;
  readonly steps = new StepQueue();
  /** Where rules write their answers. */
  readonly seen = newObservation();
  /** What the steps of this fix have in common. */
  readonly head: StepHead = { ...emptyHead };
  readonly #facts: Facts;
  readonly #departures: Departures;
  readonly #count: StepCounter;
  #lanes!: Lanes;
  #lane = 0;
  #tellsElsewhere = false;
  /** Driven since the lane's last position, drift left out. */
  movedM = 0;

  constructor(facts: Facts, departures: Departures, count: StepCounter, scene: () => StormScene) {
    this.#facts = facts;
    this.#departures = departures;
    this.#count = count;
    this.storms = new Storms(scene);
    this.labels = new Labels(facts.rules);
    this.tallies = new Tallies(this.labels);
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
      // One that begins where a former one did has its id, and who keeps alarms takes it for what is over: the load that is too
      // old, the stay, the silence that goes on after its alarm was cleared is another alarm, from now on.
      if (seen.fromMs < atMs && this.tallies.hasBegun(this.#key(rule, label), seen.fromMs)) seen.fromMs = atMs;
      episode = episodes.add(this.#lanes, this.#lane);
      beginEpisode(episodes.data, episodes.at(episode), rule, label, seen, atMs);
      episodes.data[episodes.at(episode) + episodeAt.policyVersion] = rules.version;
      if (timing.gapMaxMs === Infinity && this.#isToldLive(episode)) {
        episodes.data[episodes.at(episode) + episodeAt.isToldLive] = 1;
      }
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
    if (this.word(episode, 'isToldLive') === 1) return;
    if (change === 'raised') {
      episodes.data[at + episodeAt.policyVersion] = rules.version;
      episodes.data[at + episodeAt.suppressedBy] = this.#suppression(episode);
      this.tallies.begin(this.#key(rule, label), this.word(episode, 'startedAtMs'));
    } else {
      // What was only recorded so far is news to people now.
      const isOfFlood = wasRecordedAlone && this.#isOfFlood(episode);
      episodes.data[at + episodeAt.suppressedBy] = isOfFlood ? byFlood : this.#remainder(episode);
    }
    this.#tell(change, episode);
  }

  /**
   * Whether what begins in a late lane was so when the vehicle's newest gap began, and the live lane has told of it, then or by a
   * timer since: it is the same alarm.
   */
  #isToldLive(episode: number): boolean {
    if (this.head.late === 0) return false;
    const { vehicle } = this.head;
    const departedAtMs = this.#departures.atMs(vehicle);
    const knownAtMs = Math.min(this.word(episode, 'startedAtMs'), this.#lanes.get(this.#lane, doubleAt.lastAtMs));
    // NaN compares false: it has had no gap, or the lane has no past.
    if (!(knownAtMs <= departedAtMs && departedAtMs < this.#facts.atMs)) return false;
    const [rule, label] = [this.word(episode, 'rule'), this.word(episode, 'fence')];
    return this.tallies.wasOn({ lanes: this.#departures.live, lane: vehicle, rule, label }, departedAtMs);
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
    const { data } = this.episodes;
    const at = this.episodes.at(episode);
    if (isRaised(data, at) && data[at + episodeAt.isToldLive] === 0) {
      this.tallies.end(this.#key(data[at + episodeAt.rule]!, data[at + episodeAt.fence]!), endOf(data, at, reason));
      this.#tell('cleared', episode, reason);
    }
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
    return this.tallies.isPast(this.#key(rule, label), atMs, rules.flapping.withinMs);
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

  #key(rule: number, label: number): TallyKey {
    return { lanes: this.#lanes, lane: this.#lane, rule, label };
  }

  #isFlapping(rule: number, label: number): boolean {
    const { raisedMax, withinMs } = this.#facts.rules.flapping;
    return this.tallies.count(this.#key(rule, label), this.#facts.atMs, withinMs) > raisedMax;
  }

  /**
   * Whether people were told as much of the vehicle as they can take within the time; else they are told this, and it counts. What
   * calls an operator counts and is told always. What is only recorded, or told after the fact, calls nobody and does neither.
   */
  #isOfFlood(episode: number): boolean {
    const tier = this.word(episode, 'tier');
    if (tier === recordedTier || this.head.late !== 0) return false;
    const { toldMax, withinMs } = this.#facts.rules.flood;
    const { atMs } = this.#facts;
    const told = this.tallies.toldOf(this.#lanes, this.#lane, atMs, withinMs);
    if (tier < operatorTier && told >= toldMax) return true;
    this.tallies.countTold(this.#lanes, this.#lane, atMs, withinMs);
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
