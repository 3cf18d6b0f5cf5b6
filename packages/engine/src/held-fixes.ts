import { alarmFlagSos, extraAt, extraWords, type FixBatch } from '@haulwatch/domain';

/**
 * Words of a held fix: when and where, what else it says, then where it came from. The first `saidWords` are all that rules are
 * shown of it: in their order fixes lie in a burst, and two that agree in them are one.
 */
const heldAt = {
  atMs: 0,
  lonE7: 1,
  latE7: 2,
  speedDkph: 3,
  headingCdeg: 4,
  accuracyDm: 5,
  alarmFlags: 6,
  statusFlags: 7,
  flags: 8,
  /** 1: the words of its extra follow; else they are zeros. */
  hasExtra: 9,
  extra: 10,
  offset: 10 + extraWords,
  producedAtMs: 11 + extraWords,
  index: 12 + extraWords,
} as const;
const saidWords = heldAt.offset;
const heldWords = heldAt.index + 1;

/** Fixes that are held of one vehicle: eight hours and a half of a report each 30 s, 200 KB. Our choice. */
export const heldOfLaneMax = 1_024;
/** Fixes that a partition holds, 27 MB: a hundred minutes of a thousand trucks that come back all at once. Our choice. */
const heldMax = 131_072;

/** Fixes of one lane that wait for more, oldest first. */
type Burst = {
  words: Float64Array;
  count: number;
  /** Partition time at which it is judged if nothing else comes, and at which it is judged whatever comes. */
  settleAtMs: number;
  readonly untilMs: number;
};

/** How a fix was found among those that are held: `beside` another one of its time and place that says something else. */
export type HeldAs = 'new' | 'again' | 'beside';

/** What vehicles tell after the fact, held back until the burst is over and sorted by event time, by row of the late lane. */
export class HeldFixes {
  /** Of all lanes. */
  count = 0;
  /** When the first of the bursts is to be judged, partition time. */
  nextSettleAtMs = Infinity;
  readonly #bursts = new Map<number, Burst>();
  readonly #one = new Float64Array(heldWords);

  countOf(lane: number): number {
    return this.#bursts.get(lane)?.count ?? 0;
  }

  isFull(lane: number): boolean {
    return this.countOf(lane) >= heldOfLaneMax || this.count >= heldMax;
  }

  /** Adds a row unless the burst has it. The caller keeps below the limits. */
  put(lane: number, batch: FixBatch, row: number, untilMs: number): HeldAs {
    this.#read(batch, row);
    let burst = this.#bursts.get(lane);
    if (burst === undefined) {
      burst = { words: new Float64Array(4 * heldWords), count: 0, settleAtMs: untilMs, untilMs };
      this.#bursts.set(lane, burst);
    }
    const place = this.#placeIn(burst);
    if (place < burst.count && this.#compare(burst, place, saidWords) === 0) return 'again';
    const isBeside = [place - 1, place].some((i) => i >= 0 && i < burst.count && this.#compare(burst, i, 3) === 0);
    if (burst.count * heldWords === burst.words.length) {
      const grown = new Float64Array(2 * burst.words.length);
      grown.set(burst.words);
      burst.words = grown;
    }
    burst.words.copyWithin((place + 1) * heldWords, place * heldWords, burst.count * heldWords);
    burst.words.set(this.#one, place * heldWords);
    burst.count += 1;
    this.count += 1;
    return isBeside ? 'beside' : 'new';
  }

  /** More may come until this time. */
  settleAt(lane: number, atMs: number): void {
    const burst = this.#bursts.get(lane)!;
    burst.settleAtMs = Math.min(atMs, burst.untilMs);
    this.nextSettleAtMs = Math.min(this.nextSettleAtMs, burst.settleAtMs);
  }

  /** Lanes whose bursts are over by this time, ascending; what is left of them afterwards is not asked for again. */
  takeSettled(timeMs: number): number[] {
    const settled: number[] = [];
    this.nextSettleAtMs = Infinity;
    for (const [lane, { settleAtMs }] of this.#bursts) {
      if (settleAtMs <= timeMs) settled.push(lane);
      else this.nextSettleAtMs = Math.min(this.nextSettleAtMs, settleAtMs);
    }
    return settled.sort((a, b) => a - b);
  }

  /** Event time of a held fix, from 0. */
  atMs(lane: number, i: number): number {
    return this.#bursts.get(lane)!.words[i * heldWords + heldAt.atMs]!;
  }

  /** Whether the emergency button is pressed in a held fix. */
  isPressed(lane: number, i: number): boolean {
    return (this.#bursts.get(lane)!.words[i * heldWords + heldAt.alarmFlags]! & alarmFlagSos) !== 0;
  }

  /** Writes a held fix into a batch of one row. Its vehicle is the caller's to name. */
  write(lane: number, i: number, batch: FixBatch): void {
    const { words } = this.#bursts.get(lane)!;
    const at = i * heldWords;
    batch.clear();
    batch.count = 1;
    batch.fixedAtMs[0] = words[at + heldAt.atMs]!;
    batch.lonE7[0] = words[at + heldAt.lonE7]!;
    batch.latE7[0] = words[at + heldAt.latE7]!;
    batch.speedDkph[0] = words[at + heldAt.speedDkph]!;
    batch.headingCdeg[0] = words[at + heldAt.headingCdeg]!;
    batch.accuracyDm[0] = words[at + heldAt.accuracyDm]!;
    batch.alarmFlags[0] = words[at + heldAt.alarmFlags]!;
    batch.statusFlags[0] = words[at + heldAt.statusFlags]!;
    batch.flags[0] = words[at + heldAt.flags]!;
    batch.offset[0] = words[at + heldAt.offset]!;
    batch.producedAtMs[0] = words[at + heldAt.producedAtMs]!;
    batch.index[0] = words[at + heldAt.index]!;
    batch.extra[0] = words[at + heldAt.hasExtra] === 0 ? -1 : batch.extras.pushWords(words, at + heldAt.extra);
  }

  /** Lets go of the oldest of a lane. */
  drop(lane: number, count: number): void {
    const burst = this.#bursts.get(lane)!;
    burst.words.copyWithin(0, count * heldWords, burst.count * heldWords);
    burst.count -= count;
    this.count -= count;
    if (burst.count === 0) this.#bursts.delete(lane);
  }

  /** The bursts by lane: lane, count, the two times, then the words of each fix. */
  pack(): Float64Array {
    const bursts = [...this.#bursts].sort(([a], [b]) => a - b);
    const packed = new Float64Array(4 * bursts.length + this.count * heldWords);
    let to = 0;
    for (const [lane, { words, count, settleAtMs, untilMs }] of bursts) {
      packed.set([lane, count, settleAtMs, untilMs], to);
      packed.set(words.subarray(0, count * heldWords), to + 4);
      to += 4 + count * heldWords;
    }
    return packed;
  }

  unpack(packed: Float64Array): void {
    for (let from = 0; from < packed.length;) {
      const [lane, count, settleAtMs, untilMs] = packed.subarray(from, from + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      const words = new Float64Array(2 ** Math.ceil(Math.log2(Math.max(4, count))) * heldWords);
      words.set(packed.subarray(from + 4, from + 4 + count * heldWords));
      this.#bursts.set(lane, { words, count, settleAtMs, untilMs });
      this.count += count;
      this.nextSettleAtMs = Math.min(this.nextSettleAtMs, settleAtMs);
      from += 4 + count * heldWords;
    }
  }

  #read(batch: FixBatch, row: number): void {
    const one = this.#one;
    one[heldAt.atMs] = batch.fixedAtMs[row]!;
    one[heldAt.lonE7] = batch.lonE7[row]!;
    one[heldAt.latE7] = batch.latE7[row]!;
    one[heldAt.speedDkph] = batch.speedDkph[row]!;
    one[heldAt.headingCdeg] = batch.headingCdeg[row]!;
    one[heldAt.accuracyDm] = batch.accuracyDm[row]!;
    one[heldAt.alarmFlags] = batch.alarmFlags[row]!;
    one[heldAt.statusFlags] = batch.statusFlags[row]!;
    one[heldAt.flags] = batch.flags[row]!;
    one[heldAt.offset] = batch.offset[row]!;
    one[heldAt.producedAtMs] = batch.producedAtMs[row]!;
    one[heldAt.index] = batch.index[row]!;
    const extra = batch.extra[row]!;
    one[heldAt.hasExtra] = extra < 0 ? 0 : 1;
    one.fill(0, heldAt.extra, heldAt.extra + extraWords);
    if (extra < 0) return;
    const { words } = batch.extras;
    const from = extra * extraWords;
    // What lies behind its last event was left there by another fix.
    const told = extraAt.events + words[from + extraAt.eventCount]!;
    for (let word = 0; word < told; word += 1) one[heldAt.extra + word] = words[from + word]!;
  }

  /** Where the fix that was read belongs: the first held one that is not before it. */
  #placeIn(burst: Burst): number {
    // Most come in order, or newest first.
    if (burst.count === 0 || this.#compare(burst, burst.count - 1, saidWords) < 0) return burst.count;
    let low = 0;
    let high = burst.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(burst, middle, saidWords) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A held fix and the one that was read, by their first words: less than 0 if the held one comes first. */
  #compare({ words }: Burst, i: number, count: number): number {
    for (let word = 0; word < count; word += 1) {
      const held = words[i * heldWords + word]!;
      const one = this.#one[word]!;
      // What is not told is NaN, and comes first.
      if (Object.is(held, one)) continue;
      return Number.isNaN(held) || held < one ? -1 : 1;
    }
    return 0;
  }
}
