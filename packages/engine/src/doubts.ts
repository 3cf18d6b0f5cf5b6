import { distanceM } from '@haulwatch/geo';
import { LaneList } from './lane-list.ts';
import { wordAt, type Lanes } from './lanes.ts';

/**
 * So many fixes after a jump have to agree with it before the vehicle is taken to be there. Our choice: four positions in a row are
 * no single reflection of a signal, and at the usual 30 s they are told within two minutes.
 */
const agreeingMin = 3;

/**
 * The newest place that was not believed, when it was told, and how many fixes have agreed before it. In the same list, `isPrior`: the
 * believed place before the newest, and `ofMs` the time of the newest. The whole layout of both.
 */
const doubtAt = { atMs: 0, lonE7: 1, latE7: 2, agreeing: 3, ofMs: 4 } as const;
const doubtWords = 5;
const isPrior = -1;

/**
 * Drift 定位漂移. A lane has one place that is believed, where its vehicle is taken to be: fences, limits, distance and the place of
 * steps are that one's. A fix is believed if its vehicle can have driven there, no faster than `plausibleMaxKph`, in the time since
 * the last believed fix; the first of a lane is. One that is not leaves the vehicle where it was, and begins a doubt: the next may
 * return, or be reachable by its time, and the doubt is over; or it agrees, so that it can have been driven to from the one before
 * it. With the third that agrees in a row the vehicle is taken to be there after all: then the old place was wrong, or it was carried.
 * One that neither returns nor agrees begins the count anew. Fixes without a position do not count.
 *
 * Only the place is doubted: time, speed, heading, signals and the emergency button of such a fix are as good as any. A speed over the
 * limit is judged by the limit of where the vehicle is taken to be; what is bound to a fence (prohibited zones, stays, routes) is not
 * asked.
 */
export class Doubts {
  readonly list = new LaneList(doubtWords, wordAt.firstDoubt);
  /** After `settles`: from the fix before the one that has settled it, metres and ms. */
  movedM = 0;
  sinceMs = 0;

  has(lanes: Lanes, lane: number): boolean {
    return this.#find(lanes, lane, false) >= 0;
  }

  /** The lane has a fix that is believed. */
  drop(lanes: Lanes, lane: number): void {
    const known = this.#find(lanes, lane, false);
    if (known >= 0) this.list.remove(lanes, lane, known);
  }

  /** Notes a fix that cannot have been driven to. True: with it enough agree, the vehicle is there, and the doubt is over. */
  settles(lanes: Lanes, lane: number, atMs: number, lonE7: number, latE7: number, plausibleMaxKph: number): boolean {
    const { list } = this;
    const known = this.#find(lanes, lane, false);
    const at = list.at(known >= 0 ? known : list.add(lanes, lane));
    const { data } = list;
    let agreeing = 0;
    if (known >= 0) {
      this.movedM = distanceM(data[at + doubtAt.lonE7]!, data[at + doubtAt.latE7]!, lonE7, latE7);
      this.sinceMs = atMs - data[at + doubtAt.atMs]!;
      if ((this.movedM / this.sinceMs) * 3_600 <= plausibleMaxKph) agreeing = data[at + doubtAt.agreeing]! + 1;
    }
    if (agreeing === agreeingMin) {
      this.drop(lanes, lane);
      return true;
    }
    data[at + doubtAt.atMs] = atMs;
    data[at + doubtAt.lonE7] = lonE7;
    data[at + doubtAt.latE7] = latE7;
    data[at + doubtAt.agreeing] = agreeing;
    data[at + doubtAt.ofMs] = atMs;
    return false;
  }

  /**
   * Speed from the believed place before the lane's newest to this one, km/h, where the newest was `follow`ed; else Infinity.
   *
   * @param ofMs time of the lane's newest place.
   */
  kphFromPrior(lanes: Lanes, lane: number, ofMs: number, atMs: number, lonE7: number, latE7: number): number {
    const prior = this.#find(lanes, lane, true);
    const at = this.list.at(prior);
    const { data } = this.list;
    if (prior < 0 || data[at + doubtAt.ofMs] !== ofMs) return Infinity;
    const movedM = distanceM(data[at + doubtAt.lonE7]!, data[at + doubtAt.latE7]!, lonE7, latE7);
    return (movedM / (atMs - data[at + doubtAt.atMs]!)) * 3_600;
  }

  /** The lane comes from its newest place, of this time, to another at `toMs`: of vehicles that tell no speed alone. */
  follow(lanes: Lanes, lane: number, fromMs: number, toMs: number): void {
    const known = this.#find(lanes, lane, true);
    const at = this.list.at(known >= 0 ? known : this.list.add(lanes, lane));
    const { data } = this.list;
    data[at + doubtAt.atMs] = fromMs;
    data[at + doubtAt.lonE7] = lanes.getWord(lane, wordAt.lonE7);
    data[at + doubtAt.latE7] = lanes.getWord(lane, wordAt.latE7);
    data[at + doubtAt.agreeing] = isPrior;
    data[at + doubtAt.ofMs] = toMs;
  }

  #find(lanes: Lanes, lane: number, prior: boolean): number {
    const { list } = this;
    let one = list.first(lanes, lane);
    while (one >= 0 && (list.data[list.at(one) + doubtAt.agreeing] === isPrior) !== prior) one = list.next(one);
    return one;
  }
}
