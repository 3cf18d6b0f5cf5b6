import { LaneList } from './lane-list.ts';
import { wordAt, type Lanes } from './lanes.ts';
import type { Labels } from './labels.ts';

/**
 * How often a lane's alarm of one rule and label was raised lately, when the newest of them began, and when it was over, or Infinity,
 * the same of the newest that had begun when the vehicle's newest gap did, where that is another one; under -1 and -1, of how many of
 * the lane's alarms people were told. The whole layout of a tally.
 */
export const tallyAt = {
  rule: 0,
  label: 1,
  fromMs: 2,
  raised: 3,
  beganAtMs: 4,
  endedAtMs: 5,
  formerBeganAtMs: 6,
  formerEndedAtMs: 7,
} as const;
export const tallyWords = 8;
/** In place of a rule and of a label. */
export const everyAlarm = -1;

/** A lane's alarm of a rule, and of a fence or kind. */
export type TallyKey = { readonly lanes: Lanes; readonly lane: number; readonly rule: number; readonly label: number };

/** What the lanes have told of late: each says how often, and from when to when the newest alarm lasted. */
export class Tallies {
  readonly list = new LaneList(tallyWords, wordAt.firstTally);
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Counts one more, from the first of them on for so long; returns how many there are now. */
  count(key: TallyKey, atMs: number, withinMs: number): number {
    const at = this.#countAt(key, atMs, withinMs);
    this.list.data[at]! += 1;
    return this.list.data[at]!;
  }

  /** How many there are, from the first of them on for so long. */
  countOf(key: TallyKey, atMs: number, withinMs: number): number {
    return this.list.data[this.#countAt(key, atMs, withinMs)]!;
  }

  /** Whether the time within which they are counted is over, or there are none. */
  isPast(key: TallyKey, atMs: number, withinMs: number): boolean {
    const at = this.#at(key);
    return at < 0 || atMs - this.list.data[at + tallyAt.fromMs]! > withinMs;
  }

  /**
   * An alarm was raised that began at this time.
   *
   * @param departedAtMs when the vehicle's newest gaps began, NaN where there was none: what was on then is still asked about.
   */
  begin(key: TallyKey, beganAtMs: number, departedAtMs: readonly number[]): void {
    const at = this.#at(key);
    if (at < 0) return;
    const { data } = this.list;
    const formerBeganAtMs = data[at + tallyAt.beganAtMs]!;
    // NaN compares false.
    if (departedAtMs.some((one) => formerBeganAtMs <= one && one < beganAtMs)) {
      data[at + tallyAt.formerBeganAtMs] = formerBeganAtMs;
      data[at + tallyAt.formerEndedAtMs] = data[at + tallyAt.endedAtMs]!;
    }
    data[at + tallyAt.beganAtMs] = beganAtMs;
    data[at + tallyAt.endedAtMs] = Infinity;
  }

  /** It was over at this time. */
  end(key: TallyKey, endedAtMs: number): void {
    const at = this.#at(key);
    if (at >= 0) this.list.data[at + tallyAt.endedAtMs] = endedAtMs;
  }

  /** Whether an alarm was raised that began at this time or later. */
  hasBegun(key: TallyKey, sinceMs: number): boolean {
    const at = this.#at(key);
    return at >= 0 && this.list.data[at + tallyAt.beganAtMs]! >= sinceMs;
  }

  /** Whether an alarm was on at this time, when the vehicle's newest gap began, by what is known of it now. */
  wasOn(key: TallyKey, atMs: number): boolean {
    const at = this.#at(key);
    if (at < 0) return false;
    const { data } = this.list;
    const isNewest = data[at + tallyAt.beganAtMs]! <= atMs;
    const from = at + (isNewest ? tallyAt.beganAtMs : tallyAt.formerBeganAtMs);
    const to = at + (isNewest ? tallyAt.endedAtMs : tallyAt.formerEndedAtMs);
    return data[from]! <= atMs && atMs <= data[to]!;
  }

  /** Where a tally begins in the list's data, or -1. */
  #at({ lanes, lane, rule, label }: TallyKey): number {
    const { list } = this;
    const id = this.#labels.idOf(label);
    for (let tally = list.first(lanes, lane); tally >= 0; tally = list.next(tally)) {
      const at = list.at(tally);
      const isIt = list.data[at + tallyAt.rule] === rule;
      if (isIt && this.#labels.idOf(list.data[at + tallyAt.label]!) === id) return at;
    }
    return -1;
  }

  /** Where a count stands in the list's data; it begins anew when its time is over. */
  #countAt(key: TallyKey, atMs: number, withinMs: number): number {
    const { list } = this;
    let at = this.#at(key);
    if (at < 0) {
      at = list.at(list.add(key.lanes, key.lane));
      list.data.set([key.rule, key.label, atMs, 0, -Infinity, -Infinity, -Infinity, -Infinity], at);
    }
    if (!(atMs - list.data[at + tallyAt.fromMs]! <= withinMs)) {
      list.data[at + tallyAt.fromMs] = atMs;
      list.data[at + tallyAt.raised] = 0;
    }
    return at + tallyAt.raised;
  }
}
