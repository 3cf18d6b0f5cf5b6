import type { Policy } from '@haulwatch/domain';
import type { PlainPlace } from './plain-lane.ts';
import { metres } from './plain-distance.ts';

/** How a vehicle has come to a fix. */
export type PlainWay = {
  readonly atMs: number;
  /** Of the fix before, wherever it was; undefined: there is none. */
  readonly lastAtMs: number | undefined;
  /** Where it has come to, and from where; undefined: its place is not believed, or the first. */
  readonly here?: PlainPlace;
  readonly from?: PlainPlace;
  readonly speedKph: number | undefined;
  /** It told no speed: the speed is derived. */
  readonly isDerived: boolean;
};

/** A vehicle that tells no speed stands when it has been in one place for so long. */
const standsAfterMs = 60_000;
const dayMs = 86_400_000;

/** Whether a lane moves or stands, and nothing as long as nobody knows. */
export class PlainMotion {
  isMoving: boolean | undefined;
  #anchor: PlainPlace | undefined;
  #hasToldSpeed = false;
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** The same once more, to go on from. */
  copy(): PlainMotion {
    const copy = new PlainMotion(this.#policy);
    copy.isMoving = this.isMoving;
    copy.#anchor = this.#anchor;
    copy.#hasToldSpeed = this.#hasToldSpeed;
    return copy;
  }

  take(way: PlainWay): void {
    const { atMs, lastAtMs, here, from, speedKph, isDerived } = way;
    if (lastAtMs !== undefined && atMs - lastAtMs > this.#policy.time.gapMaxS.value * 1_000) {
      const kph = from === undefined || here === undefined ? undefined : kphOf(from, here);
      const cameFar = kph !== undefined && atMs - lastAtMs <= dayMs && kph >= this.#policy.motion.movingFromKph.value;
      if (kph !== undefined || this.isMoving !== undefined) this.isMoving = cameFar;
    }
    const was = this.isMoving === true;
    if (speedKph !== undefined) {
      const { movingFromKph, stoppedToKph } = this.#policy.motion;
      const bySpeed = was ? speedKph > stoppedToKph.value : speedKph >= movingFromKph.value;
      this.isMoving = isDerived ? this.#comesAway(here!, from!, was, bySpeed) : bySpeed;
    }
    this.#hasToldSpeed = speedKph !== undefined && !isDerived;
  }

  #comesAway(here: PlainPlace, from: PlainPlace, was: boolean, bySpeed: boolean): boolean {
    if (this.#hasToldSpeed || this.#anchor === undefined) this.#anchor = from;
    const isNear = metres(this.#anchor, here) <= this.#policy.motion.accuracyMaxM.value;
    if (isNear) return was && here.atMs - this.#anchor.atMs < standsAfterMs;
    this.#anchor = here;
    return was || bySpeed;
  }
}

function kphOf(from: PlainPlace, to: PlainPlace): number {
  return (metres(from, to) / (to.atMs - from.atMs)) * 3_600;
}
