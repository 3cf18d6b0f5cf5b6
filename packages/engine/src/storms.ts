import type { StormLimits } from '@haulwatch/rules';
import type { Labels } from './labels.ts';

/** The alarms of one rule, and of one kind where the rule tells kinds apart, over all vehicles of the partition. */
export type Storm = {
  readonly rule: number;
  /** Of the kind, -1 for rules without. */
  readonly label: number;
  /** Whether it is told to nobody. */
  isOn: boolean;
  /** When each vehicle has raised it last, partition time, oldest first. */
  readonly raisedAtMs: Map<number, number>;
};

/** What the partition knows: how late it is, and how many vehicles it has heard within a day. */
export type StormScene = { readonly timeMs: number; readonly heardVehicles: number };

/**
 * A fault that many vehicles show at once: a network that is down, satellites that are jammed, a day that terminals count wrong. The
 * alarms are counted by the partition's time, which is a matter of the log alone, so a replay tells the same. A storm begins with the
 * first vehicle above the limit and ends when no more than half of it are left within the time, so it does not flutter around the limit.
 *
 * When it is over, what goes on of it and somebody must answer to is told (`letsGo`).
 *
 * Each partition counts by itself: across a fleet up to partitions × limit alarms are told before the last of them knows of a storm,
 * and a partition with no more vehicles than the limit never does. Beyond what the policy lists nothing is kept; a vehicle is kept once
 * for each rule and kind.
 */
export class Storms {
  readonly #scene: () => StormScene;
  /** Some dozens at most: as many as the listed rules have kinds. In order of first sight. */
  readonly #storms: Storm[] = [];

  constructor(scene: () => StormScene) {
    this.#scene = scene;
  }

  /** Notes that a vehicle raises an alarm. True: it is one of a storm. */
  note(rule: number, label: number, labels: Labels, vehicle: number, limits: StormLimits): boolean {
    if (limits.listed[rule] !== 1) return false;
    const storm = this.#of(rule, label, labels);
    const most = this.#forget(storm, limits);
    const { raisedAtMs } = storm;
    // A vehicle that raises it again is the newest, and counts once.
    raisedAtMs.delete(vehicle);
    raisedAtMs.set(vehicle, this.#scene().timeMs);
    storm.isOn = raisedAtMs.size > (storm.isOn ? most / 2 : most);
    return storm.isOn;
  }

  /**
   * Whether an alarm that a storm has hushed may be told now: the storm is over, and those that are let go are not so many that they
   * would be another. They count as if they were raised now: people are told of no more than the limit within the time.
   */
  letsGo(rule: number, label: number, labels: Labels, vehicle: number, limits: StormLimits): boolean {
    if (limits.listed[rule] !== 1) return true;
    const storm = this.#of(rule, label, labels);
    const most = this.#forget(storm, limits);
    if (storm.raisedAtMs.size <= most / 2) storm.isOn = false;
    return !storm.isOn && !this.note(rule, label, labels, vehicle, limits);
  }

  /** Forgets what was raised too long ago; returns how many vehicles are no storm. */
  #forget({ raisedAtMs }: Storm, { withinMs, vehiclesMax, vehiclesPercent }: StormLimits): number {
    const { timeMs, heardVehicles } = this.#scene();
    for (const [former, atMs] of raisedAtMs) {
      if (timeMs - atMs <= withinMs) break;
      raisedAtMs.delete(former);
    }
    return Math.max(vehiclesMax, (heardVehicles * vehiclesPercent) / 100);
  }

  get all(): readonly Storm[] {
    return this.#storms;
  }

  restore(storm: Storm): void {
    this.#storms.push(storm);
  }

  #of(rule: number, label: number, labels: Labels): Storm {
    const id = labels.idOf(label);
    const known = this.#storms.find((storm) => storm.rule === rule && labels.idOf(storm.label) === id);
    if (known !== undefined) return known;
    const storm = { rule, label, isOn: false, raisedAtMs: new Map<number, number>() };
    this.#storms.push(storm);
    return storm;
  }
}
