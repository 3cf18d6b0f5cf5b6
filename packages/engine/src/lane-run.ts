import {
  alarmFlagSos,
  fixFlag,
  ruleIds,
  speedAbsent,
  type AlarmStepKind,
  type ClearReason,
  type FixBatch,
  type RuleId,
} from '@haulwatch/domain';
import { distanceM, hitsMax } from '@haulwatch/geo';
import {
  beginEpisode,
  brokenByGap,
  closedTo,
  derivePlace,
  episodeAt,
  episodeWords,
  isRaised,
  newObservation,
  observeOverspeed,
  observeProhibitedZone,
  observeSos,
  scheduleEpochAt,
  stepEpisode,
  type EpisodeTiming,
  type RuleInput,
  type RuleSet,
} from '@haulwatch/rules';
import { Episodes } from './episodes.ts';
import { Labels } from './labels.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';
import { StepQueue, type StepHead } from './step-queue.ts';

const overspeed = ruleIds.indexOf('overspeed');
const prohibitedZone = ruleIds.indexOf('prohibited-zone');
const sos = ruleIds.indexOf('sos');

/** The fence of rules without one. */
const noFence = -1;

/**
 * Runs the rules over one fix of one lane: derives what the rules need, moves the lane's episodes on, queues the steps.
 * One object for each engine, filled anew for each fix: no fix costs an object, and one that breaks nothing costs no rule.
 */
export class LaneRun {
  /** Fixes whose speed was derived from displacement. */
  derivedSpeeds = 0;
  readonly episodes = new Episodes();
  readonly labels: Labels;
  readonly steps = new StepQueue();
  readonly #onStep: (kind: AlarmStepKind, rule: RuleId) => void;
  readonly #input: RuleInput;
  readonly #seen = newObservation();
  /** What the steps of this fix have in common. */
  readonly #head: StepHead;
  #lanes!: Lanes;
  #lane = 0;
  #atMs = 0;
  /** Driven since the lane's last position. */
  #movedM = 0;

  constructor(rules: RuleSet, onStep: (kind: AlarmStepKind, rule: RuleId) => void) {
    this.labels = new Labels(rules);
    this.#onStep = onStep;
    this.#head = { ...emptyHead };
    this.#input = {
      rules,
      classCode: 0,
      speedDkph: -1,
      derived: false,
      alarmFlags: 0,
      limitDkph: 0,
      limitFence: -1,
      minuteOfWeek: 0,
      fences: new Int32Array(hitsMax),
      fenceCount: 0,
    };
  }

  setRules(rules: RuleSet): void {
    this.#input.rules = rules;
    this.labels.setRules(rules);
  }

  /** Every rule over a fix that is newer than all of its lane. */
  evaluate(lanes: Lanes, lane: number, late: boolean, batch: FixBatch, row: number): void {
    const alarmFlags = batch.alarmFlags[row]!;
    this.#begin(lanes, lane, batch.fixedAtMs[row]!, alarmFlags);
    const hasEpisodes = lanes.getWord(lane, wordAt.firstEpisode) >= 0;
    const positionValid = (batch.flags[row]! & fixFlag.positionInvalid) === 0;
    const isPlain = !hasEpisodes && (alarmFlags & alarmFlagSos) === 0;
    if (!isPlain) this.#name(late, batch, row);
    if (positionValid) this.#move(hasEpisodes, late, batch, row);
    if (!isPlain) this.#sos();
    lanes.set(lane, doubleAt.lastAtMs, this.#atMs);
  }

  /** A press of the emergency button alone, in a fix whose place or time in order is of no use. */
  evaluateSos(lanes: Lanes, lane: number, late: boolean, atMs: number, batch: FixBatch, row: number): void {
    this.#begin(lanes, lane, atMs, batch.alarmFlags[row]!);
    const open = this.#find(sos, noFence);
    // The alarm is up, and newer fixes say whether the button still is: an older press is no news.
    if (open >= 0 && atMs < this.episodes.data[open * episodeWords + episodeAt.seenAtMs]!) return;
    this.#name(late, batch, row);
    this.#sos();
  }

  /** Ends a lane: what is open is closed at its last sign of life, what is pending is forgotten. */
  close(lanes: Lanes, lane: number, late: boolean, reason: ClearReason, batch: FixBatch, row: number): void {
    for (let episode = lanes.getWord(lane, wordAt.firstEpisode); episode >= 0;) {
      const next = this.episodes.next(episode);
      this.#begin(lanes, lane, this.episodes.data[episode * episodeWords + episodeAt.seenAtMs]!, 0);
      this.#name(late, batch, row);
      this.#end(episode, reason);
      episode = next;
    }
  }

  #begin(lanes: Lanes, lane: number, atMs: number, alarmFlags: number): void {
    this.#lanes = lanes;
    this.#lane = lane;
    this.#atMs = atMs;
    this.#movedM = 0;
    this.#input.alarmFlags = alarmFlags;
  }

  /** Writes down what the steps of this fix will say of it; only where there may be any. */
  #name(late: boolean, batch: FixBatch, row: number): void {
    const head = this.#head;
    head.vehicle = this.#lanes.vehicleOf(this.#lane);
    head.late = late ? 1 : 0;
    head.atMs = this.#atMs;
    head.offset = batch.offset[row]!;
    head.index = batch.index[row]!;
    head.producedAtMs = batch.producedAtMs[row]!;
  }

  /** The rules that need a place: speed and fences. */
  #move(hasEpisodes: boolean, late: boolean, batch: FixBatch, row: number): void {
    const lanes = this.#lanes;
    const lane = this.#lane;
    const input = this.#input;
    const lonE7 = batch.lonE7[row]!;
    const latE7 = batch.latE7[row]!;
    const speedDkph = batch.speedDkph[row]!;
    input.speedDkph = speedDkph;
    input.derived = speedDkph === speedAbsent;
    // Distance costs five sines: only where an episode or a missing speed asks for it.
    if (hasEpisodes || input.derived) this.#derive(lonE7, latE7);
    const { fenceIndex } = input.rules;
    const seat = lanes.seatOf(lane);
    const stays = fenceIndex.stays(lanes.i32, seat, lonE7, latE7);
    const changed = !stays && fenceIndex.settle(lanes.i32, seat, lonE7, latE7, fenceIndex.entryAt(lonE7, latE7));
    lanes.set(lane, doubleAt.positionAtMs, this.#atMs);
    const place = this.#place(changed);
    const isClosed = (place & placeFlag.closed) !== 0;
    if (!hasEpisodes && !isClosed && input.speedDkph <= lanes.u16[lanes.shortRow(lane) + shortAt.limitDkph]!) return;
    this.#judge(isClosed, late, batch, row);
  }

  /** What the fences mean for the lane here and now: as it was, unless a border was crossed or a schedule opened or closed. */
  #place(changed: boolean): number {
    const lanes = this.#lanes;
    const { rules } = this.#input;
    const shorts = lanes.shortRow(this.#lane);
    const flagsAt = lanes.byteRow(this.#lane) + byteAt.place;
    const flags = lanes.u8[flagsAt]!;
    const epoch = scheduleEpochAt(rules, this.#atMs);
    if (!changed && (flags & placeFlag.known) !== 0 && lanes.u16[shorts + shortAt.scheduleEpoch] === epoch)
      return flags;
    const input = this.#input;
    this.#findFences();
    const isClosed = derivePlace(input);
    const place = placeFlag.known | (isClosed ? placeFlag.closed : 0);
    lanes.u16[shorts + shortAt.limitDkph] = input.limitDkph;
    lanes.u16[shorts + shortAt.scheduleEpoch] = epoch;
    lanes.setWord(this.#lane, wordAt.limitFence, input.limitFence);
    lanes.u8[flagsAt] = place | (flags & placeFlag.fresh);
    return place;
  }

  #findFences(): void {
    const input = this.#input;
    const lanes = this.#lanes;
    input.classCode = lanes.u8[lanes.byteRow(this.#lane) + byteAt.classCode]!;
    input.minuteOfWeek = input.rules.localTime.minuteOfWeek(this.#atMs);
    const lonE7 = lanes.getWord(this.#lane, wordAt.lonE7);
    const latE7 = lanes.getWord(this.#lane, wordAt.latE7);
    input.fenceCount = input.rules.fenceIndex.fencesAt(lonE7, latE7, input.fences);
  }

  /** Something holds, or may be over. */
  #judge(isClosed: boolean, late: boolean, batch: FixBatch, row: number): void {
    const input = this.#input;
    const lanes = this.#lanes;
    this.#name(late, batch, row);
    input.classCode = lanes.u8[lanes.byteRow(this.#lane) + byteAt.classCode]!;
    input.limitDkph = lanes.u16[lanes.shortRow(this.#lane) + shortAt.limitDkph]!;
    input.limitFence = lanes.getWord(this.#lane, wordAt.limitFence);
    observeOverspeed(input, this.#seen);
    if (this.#seen.state === 'holds' && input.limitFence >= 0) {
      this.#seen.limitSource = this.labels.ofFence(input.limitFence);
    }
    this.#apply(overspeed, noFence, input.rules.timing.overspeed);
    if (isClosed || this.episodes.has(lanes, this.#lane, prohibitedZone)) this.#prohibitedZones();
  }

  /** Distance and implied speed since the lane's last position, drift left out. */
  #derive(lonE7: number, latE7: number): void {
    const lanes = this.#lanes;
    const lane = this.#lane;
    const input = this.#input;
    const sinceMs = this.#atMs - lanes.get(lane, doubleAt.positionAtMs);
    const fromLonE7 = lanes.getWord(lane, wordAt.lonE7);
    const movedM = sinceMs > 0 ? distanceM(fromLonE7, lanes.getWord(lane, wordAt.latE7), lonE7, latE7) : 0;
    const kph = sinceMs > 0 ? (movedM / sinceMs) * 3_600 : Infinity;
    const plausible = kph <= input.rules.plausibleMaxKph;
    this.#movedM = plausible ? movedM : 0;
    if (!input.derived) return;
    const known = plausible && sinceMs <= input.rules.gapMaxMs;
    input.speedDkph = known ? Math.round(kph * 10) : -1;
    if (known) this.derivedSpeeds += 1;
  }

  #prohibitedZones(): void {
    const input = this.#input;
    const { rules } = input;
    this.#findFences();
    for (let i = 0; i < input.fenceCount; i += 1) {
      const fence = input.fences[i]!;
      if (!closedTo(input, fence)) continue;
      observeProhibitedZone(input, fence, true, this.#seen);
      this.#apply(prohibitedZone, this.labels.ofFence(fence), rules.timing.prohibitedZone);
    }
    // Zones that the vehicle has left, whose hours are over, or that the policy has dropped.
    const { episodes } = this;
    for (let episode = this.#lanes.getWord(this.#lane, wordAt.firstEpisode); episode >= 0;) {
      const next = episodes.next(episode);
      const at = episode * episodeWords;
      const isOther = episodes.data[at + episodeAt.rule] !== prohibitedZone;
      if (!isOther && episodes.data[at + episodeAt.heldAtMs] !== this.#atMs) this.#leave(episode);
      episode = next;
    }
  }

  #leave(episode: number): void {
    const { rules } = this.#input;
    const label = this.episodes.data[episode * episodeWords + episodeAt.fence]!;
    const fence = rules.fenceNumbers.get(this.labels.fence(label).id);
    if (fence === undefined) {
      this.#end(episode, 'rule-withdrawn');
      return;
    }
    observeProhibitedZone(this.#input, fence, false, this.#seen);
    this.#apply(prohibitedZone, label, rules.timing.prohibitedZone);
  }

  #sos(): void {
    observeSos(this.#input, this.#seen);
    this.#apply(sos, noFence, this.#input.rules.timing.sos);
  }

  /** Moves the episode of a rule (and the fence of a label) on by what was seen; begins one where the condition holds. */
  #apply(rule: number, fence: number, timing: EpisodeTiming): void {
    const { episodes } = this;
    let episode = this.#find(rule, fence);
    if (episode >= 0 && brokenByGap(episodes.data, episode * episodeWords, this.#atMs, timing)) {
      this.#end(episode, 'gap');
      episode = -1;
    }
    const version = this.#input.rules.version;
    if (episode < 0) {
      if (this.#seen.state !== 'holds') return;
      episode = episodes.add(this.#lanes, this.#lane);
      beginEpisode(episodes.data, episode * episodeWords, rule, fence, this.#seen, this.#atMs);
      episodes.data[episode * episodeWords + episodeAt.policyVersion] = version;
    } else episodes.data[episode * episodeWords + episodeAt.distanceM]! += this.#movedM;
    const at = episode * episodeWords;
    const change = stepEpisode(episodes.data, at, this.#seen, this.#atMs, timing);
    if (change === 'none') return;
    if (change === 'raised') episodes.data[at + episodeAt.policyVersion] = version;
    if (change === 'raised' || change === 'escalated') this.#tell(change, episode);
    else this.#end(episode, 'condition-over');
  }

  /** The lane's episode of a rule and fence, or -1. A fence that has another name by now is the same fence. */
  #find(rule: number, fence: number): number {
    const { data } = this.episodes;
    const id = this.labels.idOf(fence);
    let episode = this.#lanes.getWord(this.#lane, wordAt.firstEpisode);
    for (; episode >= 0; episode = this.episodes.next(episode)) {
      const at = episode * episodeWords;
      if (data[at + episodeAt.rule] === rule && this.labels.idOf(data[at + episodeAt.fence]!) === id) break;
    }
    return episode;
  }

  /** Ends an episode: told where it was raised. */
  #end(episode: number, reason: ClearReason): void {
    if (isRaised(this.episodes.data, episode * episodeWords)) this.#tell('cleared', episode, reason);
    this.episodes.remove(this.#lanes, this.#lane, episode);
  }

  #tell(kind: AlarmStepKind, episode: number, reason?: ClearReason): void {
    const { data } = this.episodes;
    const at = episode * episodeWords;
    data[at + episodeAt.seq]! += 1;
    const lanes = this.#lanes;
    const hasPosition = !Number.isNaN(lanes.get(this.#lane, doubleAt.positionAtMs));
    this.#head.lonE7 = hasPosition ? lanes.getWord(this.#lane, wordAt.lonE7) : Number.NaN;
    this.#head.latE7 = hasPosition ? lanes.getWord(this.#lane, wordAt.latE7) : Number.NaN;
    this.steps.push(kind, reason, this.#head, data, at);
    this.#onStep(kind, ruleIds[data[at + episodeAt.rule]!]!);
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
