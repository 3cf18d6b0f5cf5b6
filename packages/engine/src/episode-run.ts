import { ruleIds, type AlarmStepKind, type ClearReason, type RuleId } from '@haulwatch/domain';
import {
  beginEpisode,
  brokenByGap,
  episodeAt,
  endOf,
  isRaised,
  newObservation,
  stepEpisode,
  type EpisodeTiming,
  type Facts,
} from '@haulwatch/rules';
import type { Departures } from './departures.ts';
import { Hush } from './hush.ts';
import { Labels } from './labels.ts';
import { LaneEpisodes } from './lane-episodes.ts';
import { doubleAt, wordAt, type Lanes } from './lanes.ts';
import { StepQueue, type StepHead } from './step-queue.ts';
import type { StormScene } from './storms.ts';

/** What happened, for the engine's books. */
export type StepCounter = (kind: AlarmStepKind, rule: RuleId, suppressedBy: number) => void;

/** Moves the episodes of one lane on by what rules have seen, and queues what is to be told of them. */
export class EpisodeRun extends LaneEpisodes {
  readonly hush: Hush;
  readonly steps = new StepQueue();
  /** Where rules write their answers. */
  readonly seen = newObservation();
  /** What the steps of this fix have in common. */
  readonly head: StepHead = { ...emptyHead };
  readonly #facts: Facts;
  readonly #departures: Departures;
  readonly #count: StepCounter;
  #tellsElsewhere = false;
  /** Driven since the lane's last position, drift left out. */
  movedM = 0;

  constructor(facts: Facts, departures: Departures, count: StepCounter, scene: () => StormScene) {
    super(new Labels(facts.rules));
    this.#facts = facts;
    this.#departures = departures;
    this.#count = count;
    this.hush = new Hush(facts, this, this.head, scene);
  }

  begin(lanes: Lanes, lane: number): void {
    this.lookAt(lanes, lane);
    this.movedM = 0;
    this.#tellsElsewhere = false;
  }

  /** Steps of this fix are told at a place that the lane has not moved to. */
  tellAt(lonE7: number, latE7: number): void {
    this.#tellsElsewhere = true;
    this.head.lonE7 = lonE7;
    this.head.latE7 = latE7;
  }

  /** Whether some condition of the lane has begun or ended that nobody has been told of, or is kept from people for a time. */
  get isUnsettled(): boolean {
    const { episodes } = this;
    let episode = episodes.first(this.lanes, this.lane);
    for (; episode >= 0; episode = episodes.next(episode)) {
      if (!isRaised(episodes.data, episodes.at(episode)) || this.word(episode, 'endsAtMs') >= 0) return true;
      if (this.hush.isForATime(episode)) return true;
    }
    return false;
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
      if (seen.fromMs < atMs && this.hush.tallies.hasBegun(this.keyOf(rule, label), seen.fromMs)) seen.fromMs = atMs;
      episode = episodes.add(this.lanes, this.lane);
      beginEpisode(episodes.data, episodes.at(episode), rule, label, seen, atMs);
      episodes.data[episodes.at(episode) + episodeAt.policyVersion] = rules.version;
      if (timing.gapMaxMs === Infinity && this.#isToldLive(episode)) {
        episodes.data[episodes.at(episode) + episodeAt.isToldLive] = 1;
      }
    } else if (this.word(episode, 'seenAtMs') !== atMs) {
      // A kind may be told twice in one fix; the way is driven once.
      episodes.data[episodes.at(episode) + episodeAt.distanceM]! += this.movedM;
    }
    const wasRecordedAlone = this.hush.isRecordedAlone(episode);
    let change = stepEpisode(episodes.data, episodes.at(episode), seen, atMs, timing);
    // Nobody was told of it, and what kept it from them is over.
    if (change === 'none' && seen.state === 'holds' && this.hush.isFreed(episode)) change = 'escalated';
    if (change === 'none') return;
    if (change !== 'raised' && change !== 'escalated') {
      this.end(episode, 'condition-over');
      return;
    }
    const at = episodes.at(episode);
    if (this.word(episode, 'isToldLive') === 1) return;
    if (change === 'raised') {
      episodes.data[at + episodeAt.policyVersion] = rules.version;
      episodes.data[at + episodeAt.suppressedBy] = this.hush.ofRaise(episode);
      this.hush.tallies.begin(this.keyOf(rule, label), this.word(episode, 'startedAtMs'), this.#departedAtMs());
    } else {
      episodes.data[at + episodeAt.suppressedBy] = this.hush.ofEscalation(episode, wasRecordedAlone);
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
    const knownAtMs = Math.min(this.word(episode, 'startedAtMs'), this.lanes.get(this.lane, doubleAt.lastAtMs));
    // NaN compares false: it has had no gap, or the lane has no past.
    if (!(knownAtMs <= departedAtMs && departedAtMs < this.#facts.atMs)) return false;
    const [rule, label] = [this.word(episode, 'rule'), this.word(episode, 'fence')];
    return this.hush.tallies.wasOn({ lanes: this.#departures.live, lane: vehicle, rule, label }, departedAtMs);
  }

  /** When the newest gap of a live lane began, and the one in which it is silent now. */
  #departedAtMs(): readonly number[] {
    if (this.head.late !== 0) return [];
    const departedAtMs = this.#departures.atMs(this.head.vehicle);
    if (!(this.#facts.silentMs > 0)) return [departedAtMs];
    return [departedAtMs, this.lanes.get(this.lane, doubleAt.lastAtMs)];
  }

  /** Ends an episode: told where it was raised. */
  end(episode: number, reason: ClearReason): void {
    const { data } = this.episodes;
    const at = this.episodes.at(episode);
    if (isRaised(data, at) && data[at + episodeAt.isToldLive] === 0) {
      this.hush.tallies.end(
        this.keyOf(data[at + episodeAt.rule]!, data[at + episodeAt.fence]!),
        endOf(data, at, reason),
      );
      this.#tell('cleared', episode, reason);
    }
    this.episodes.remove(this.lanes, this.lane, episode);
  }

  /** A limit's origin under a label that outlives the rule set, with the night in its last bit. */
  #nameLimit(): void {
    const { seen } = this;
    if (seen.state !== 'holds') return;
    const source = seen.limitSource < 0 ? seen.limitSource : this.labels.ofFence(seen.limitSource);
    seen.limitSource = 2 * source + (seen.atNight ? 1 : 0);
  }

  #placeHead(): void {
    const lanes = this.lanes;
    const hasPosition = !Number.isNaN(lanes.get(this.lane, doubleAt.positionAtMs));
    this.head.lonE7 = hasPosition ? lanes.getWord(this.lane, wordAt.lonE7) : Number.NaN;
    this.head.latE7 = hasPosition ? lanes.getWord(this.lane, wordAt.latE7) : Number.NaN;
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
