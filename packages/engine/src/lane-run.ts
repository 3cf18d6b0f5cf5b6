import {
  alarmFlagSos,
  fixFlag,
  speedAbsent,
  type AlarmStep,
  type AlarmStepKind,
  type ClearReason,
  type FixBatch,
} from '@haulwatch/domain';
import { distanceM, hitsMax } from '@haulwatch/geo';
import {
  beginEpisode,
  brokenByGap,
  closedTo,
  newObservation,
  observeOverspeed,
  observeProhibitedZone,
  observeSos,
  stepEpisode,
  type Episode,
  type EpisodeTiming,
  type RuleInput,
  type RuleSet,
} from '@haulwatch/rules';
import { nextStep } from './alarm-step.ts';
import type { Lanes } from './lanes.ts';
import type { VehicleTable } from './vehicle-table.ts';

/**
 * Runs the rules over one fix of one lane: derives what the rules need, moves the lane's episodes on, tells the steps.
 * One object for each engine, filled anew for each fix, so that a fix that breaks nothing allocates nothing.
 */
export class LaneRun {
  /** Fixes whose speed was derived from displacement. */
  derivedSpeeds = 0;
  readonly #vehicles: VehicleTable;
  readonly #partition: number;
  readonly #onStep: (step: AlarmStep) => void;
  readonly #input: RuleInput;
  readonly #seen = newObservation();
  #lanes!: Lanes;
  #lane = 0;
  #late = false;
  #atMs = 0;
  #offset = 0;
  #index = 0;
  #producedAtMs = 0;
  /** Driven since the lane's last position. */
  #movedM = 0;

  constructor(rules: RuleSet, vehicles: VehicleTable, partition: number, onStep: (step: AlarmStep) => void) {
    this.#vehicles = vehicles;
    this.#partition = partition;
    this.#onStep = onStep;
    this.#input = {
      rules,
      classCode: 0,
      speedDkph: -1,
      derived: false,
      alarmFlags: 0,
      minuteOfWeek: 0,
      fences: new Int32Array(hitsMax),
      fenceCount: 0,
    };
  }

  setRules(rules: RuleSet): void {
    this.#input.rules = rules;
  }

  /** Every rule over a fix that is newer than all of its lane. */
  evaluate(lanes: Lanes, lane: number, late: boolean, batch: FixBatch, row: number): void {
    this.#begin(lanes, lane, late, batch.fixedAtMs[row]!, batch, row);
    const positionValid = (batch.flags[row]! & fixFlag.positionInvalid) === 0;
    if (positionValid) this.#move(batch, row);
    this.#sos();
    lanes.lastAtMs[lane] = this.#atMs;
    const list = lanes.episodes[lane];
    if (list !== undefined && list.length === 0) lanes.episodes[lane] = undefined;
  }

  /** A press of the emergency button alone, in a fix whose place or time in order is of no use. */
  evaluateSos(lanes: Lanes, lane: number, late: boolean, atMs: number, batch: FixBatch, row: number): void {
    const open = lanes.episodes[lane]?.find((episode) => episode.rule === 'sos');
    // The alarm is up, and newer fixes say whether the button still is: an older press is no news.
    if (open !== undefined && atMs < open.seenAtMs) return;
    this.#begin(lanes, lane, late, atMs, batch, row);
    this.#sos();
  }

  /** Ends a lane: what is open is closed at its last sign of life, what is pending is forgotten. */
  close(lanes: Lanes, lane: number, late: boolean, reason: ClearReason, batch: FixBatch, row: number): void {
    const list = lanes.episodes[lane];
    if (list === undefined) return;
    for (const episode of list) {
      this.#begin(lanes, lane, late, episode.seenAtMs, batch, row);
      if (episode.raisedAtMs >= 0) this.#tell('cleared', episode, reason);
    }
    lanes.episodes[lane] = undefined;
  }

  #begin(lanes: Lanes, lane: number, late: boolean, atMs: number, batch: FixBatch, row: number): void {
    this.#lanes = lanes;
    this.#lane = lane;
    this.#late = late;
    this.#atMs = atMs;
    this.#offset = batch.offset[row]!;
    this.#index = batch.index[row]!;
    this.#producedAtMs = batch.producedAtMs[row]!;
    this.#movedM = 0;
    this.#input.alarmFlags = batch.alarmFlags[row]!;
  }

  /** The rules that need a place: speed and fences. */
  #move(batch: FixBatch, row: number): void {
    const input = this.#input;
    const { rules } = input;
    const lonE7 = batch.lonE7[row]!;
    const latE7 = batch.latE7[row]!;
    this.#derive(batch.speedDkph[row]!, lonE7, latE7);
    input.classCode = this.#vehicles.classCodes[this.#lanes.vehicle[this.#lane]!]!;
    input.minuteOfWeek = rules.localTime.minuteOfWeek(this.#atMs);
    input.fenceCount = rules.fenceIndex.fencesAt(lonE7, latE7, input.fences);
    observeOverspeed(input, this.#seen);
    this.#apply('overspeed', undefined, rules.timing.overspeed);
    this.#prohibitedZones();
  }

  /** Speed and distance since the lane's last position, drift left out; the new position becomes the lane's. */
  #derive(speedDkph: number, lonE7: number, latE7: number): void {
    const lanes = this.#lanes;
    const lane = this.#lane;
    const input = this.#input;
    const sinceMs = this.#atMs - lanes.positionAtMs[lane]!;
    const movedM = sinceMs > 0 ? distanceM(lanes.lonE7[lane]!, lanes.latE7[lane]!, lonE7, latE7) : 0;
    const kph = sinceMs > 0 ? (movedM / sinceMs) * 3_600 : Infinity;
    const plausible = kph <= input.rules.plausibleMaxKph;
    this.#movedM = plausible ? movedM : 0;
    input.derived = speedDkph === speedAbsent;
    input.speedDkph = speedDkph;
    if (input.derived) {
      const known = plausible && sinceMs <= input.rules.gapMaxMs;
      input.speedDkph = known ? Math.round(kph * 10) : -1;
      if (known) this.derivedSpeeds += 1;
    }
    lanes.lonE7[lane] = lonE7;
    lanes.latE7[lane] = latE7;
    lanes.positionAtMs[lane] = this.#atMs;
  }

  #prohibitedZones(): void {
    const input = this.#input;
    const { rules } = input;
    for (let i = 0; i < input.fenceCount; i += 1) {
      const fence = input.fences[i]!;
      if (!closedTo(input, fence)) continue;
      observeProhibitedZone(input, fence, true, this.#seen);
      this.#apply('prohibited-zone', rules.fences[fence], rules.timing.prohibitedZone);
    }
    // Zones that the vehicle has left, whose hours are over, or that the policy has dropped.
    const episodes = this.#lanes.episodes[this.#lane];
    if (episodes === undefined) return;
    for (const episode of episodes.slice()) {
      if (episode.rule !== 'prohibited-zone' || episode.heldAtMs === this.#atMs) continue;
      const fence = rules.fenceNumbers.get(episode.fenceId);
      if (fence === undefined) {
        if (episode.raisedAtMs >= 0) this.#tell('cleared', episode, 'rule-withdrawn');
        this.#remove(episode);
        continue;
      }
      observeProhibitedZone(input, fence, false, this.#seen);
      this.#apply('prohibited-zone', rules.fences[fence], rules.timing.prohibitedZone);
    }
  }

  #sos(): void {
    const pressed = (this.#input.alarmFlags & alarmFlagSos) !== 0;
    if (!pressed && this.#lanes.episodes[this.#lane] === undefined) return;
    observeSos(this.#input, this.#seen);
    this.#apply('sos', undefined, this.#input.rules.timing.sos);
  }

  /** Moves the episode of a rule (and fence) on by what was seen; begins one where the condition holds. */
  #apply(
    rule: Episode['rule'],
    fence: { readonly id: string; readonly name: string } | undefined,
    timing: EpisodeTiming,
  ): void {
    let list = this.#lanes.episodes[this.#lane];
    let episode = list?.find((open) => open.rule === rule && open.fenceId === (fence?.id ?? ''));
    if (episode !== undefined && brokenByGap(episode, this.#atMs, timing)) {
      if (episode.raisedAtMs >= 0) this.#tell('cleared', episode, 'gap');
      this.#remove(episode);
      episode = undefined;
    }
    if (episode === undefined) {
      if (this.#seen.state !== 'holds') return;
      episode = beginEpisode(rule, fence, this.#seen, this.#atMs, this.#input.rules.version);
      list = this.#lanes.episodes[this.#lane];
      if (list === undefined) this.#lanes.episodes[this.#lane] = [episode];
      else list.push(episode);
    } else episode.distanceM += this.#movedM;
    const change = stepEpisode(episode, this.#seen, this.#atMs, timing);
    if (change === 'none') return;
    if (change === 'raised') episode.policyVersion = this.#input.rules.version;
    if (change === 'raised' || change === 'escalated') {
      this.#tell(change, episode);
      return;
    }
    if (change === 'cleared') this.#tell('cleared', episode, 'condition-over');
    this.#remove(episode);
  }

  #remove(episode: Episode): void {
    const list = this.#lanes.episodes[this.#lane];
    const at = list?.indexOf(episode) ?? -1;
    if (at >= 0) list?.splice(at, 1);
  }

  #tell(kind: AlarmStepKind, episode: Episode, clearReason?: ClearReason): void {
    const lanes = this.#lanes;
    const lane = this.#lane;
    const vehicle = this.#vehicles.known[lanes.vehicle[lane]!]!;
    const origin = {
      vehicle,
      vehicleClass: vehicle.class,
      late: this.#late,
      atMs: this.#atMs,
      hasPosition: !Number.isNaN(lanes.positionAtMs[lane]!),
      lonE7: lanes.lonE7[lane]!,
      latE7: lanes.latE7[lane]!,
      cause: { partition: this.#partition, offset: this.#offset, index: this.#index },
      producedAtMs: this.#producedAtMs,
    };
    this.#onStep(nextStep(kind, episode, origin, clearReason));
  }
}
