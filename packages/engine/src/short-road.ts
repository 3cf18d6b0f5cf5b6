import type { EngineCounters, FixBatch } from '@haulwatch/domain';
import { scheduleEpochAt, type RuleSet } from '@haulwatch/rules';
import { isCalm } from './calm.ts';
import type { FixOrder } from './fix-order.ts';
import { byteAt, doubleAt, hotAt, placeFlag, seatWord, shortAt, wordAt, type Lanes } from './lanes.ts';
import type { NewestFixes } from './newest-fixes.ts';
import type { PartitionClock } from './partition-clock.ts';

export type ShortRoadParts = {
  readonly live: Lanes;
  readonly newest: NewestFixes;
  readonly clock: PartitionClock;
  readonly counters: EngineCounters;
  /** Takes the fixes that the short road does not. */
  readonly order: FixOrder;
};

/** The short road: most fixes change nothing but where their vehicle is, and are told from the rest here. */
export class ShortRoad {
  readonly #live: Lanes;
  readonly #newest: NewestFixes;
  readonly #clock: PartitionClock;
  readonly #counters: EngineCounters;
  readonly #order: FixOrder;

  constructor({ live, newest, clock, counters, order }: ShortRoadParts) {
    this.#live = live;
    this.#newest = newest;
    this.#clock = clock;
    this.#counters = counters;
    this.#order = order;
  }

  /**
   * Takes rows in order. Most fixes change nothing but where their vehicle is: newer than the last, without a gap, in the
   * same cell and hour, within what the rules have said they need not see. Those are told here from the rest by comparing
   * numbers, and need nothing of what `FixOrder.take` does for all (measured 2026-11: half of the engine's time;
   * benchmarks/engine.bench.ts). The seat moves in the last comparison, so a row that fails leaves no trace.
   */
  takeAll(rules: RuleSet, batch: FixBatch, from: number, to: number): void {
    const { vehicle, fixedAtMs, receivedAtMs, producedAtMs, lonE7, latE7, speedDkph, headingCdeg } = batch;
    const { alarmFlags, statusFlags, extra, flags, reject } = batch;
    const { f64, i32, u16, u8 } = this.#live;
    const clock = this.#clock;
    const { fenceIndex, gapMaxMs, clockAheadMaxMs } = rules;
    const { alarmMask } = rules.calm;
    const { stoppedToDkph } = rules.motion;
    let plain = 0;
    // Nearly all rows are of one minute: for them the stretch of the week is not looked up again.
    let [epoch, epochFromMs, epochToMs] = [0, 0, 0];
    for (let row = from; row < to; row += 1) {
      const lane = vehicle[row]!;
      const atMs = fixedAtMs[row]!;
      const doubles = lane * hotAt.doubles;
      const words = lane * hotAt.words;
      const shorts = lane * hotAt.shorts;
      const bytes = lane * hotAt.bytes;
      const sinceMs = atMs - f64[doubles + doubleAt.lastAtMs]!;
      const heardAtMs = Math.min(receivedAtMs[row]!, producedAtMs[row]!);
      const lon = lonE7[row]!;
      const lat = latE7[row]!;
      const speed = speedDkph[row]!;
      if (!(atMs >= epochFromMs && atMs < epochToMs)) {
        epochFromMs = Math.floor(atMs / 60_000) * 60_000;
        epochToMs = epochFromMs + 60_000;
        epoch = scheduleEpochAt(rules, atMs);
      }
      const place = u8[bytes + byteAt.place]!;
      if (
        lane < 0 ||
        (reject[row]! | flags[row]! | (alarmFlags[row]! & alarmMask)) !== 0 ||
        extra[row]! >= 0 ||
        // NaN (never reported) compares false.
        !(sinceMs > 0 && sinceMs <= gapMaxMs) ||
        atMs > heardAtMs + clockAheadMaxMs ||
        heardAtMs >= clock.timerAtMs ||
        i32[words + wordAt.firstEpisode]! >= 0 ||
        (place & (placeFlag.known | placeFlag.closed)) !== placeFlag.known ||
        (place & placeFlag.load) >>> placeFlag.loadShift !== ((statusFlags[row]! >>> 8) & 3) ||
        // A speed that is absent is higher than any ceiling.
        speed > u16[shorts + shortAt.ceilingDkph]! ||
        ((place & placeFlag.moving) !== 0 && speed <= stoppedToDkph) ||
        atMs >= f64[doubles + doubleAt.dueAtMs]! ||
        u16[shorts + shortAt.scheduleEpoch] !== epoch ||
        !isCalm(
          rules.calm,
          sinceMs,
          speed,
          u16[shorts + shortAt.speedDkph]!,
          headingCdeg[row]!,
          u16[shorts + shortAt.headingCdeg]!,
          Math.abs(lon - i32[words + wordAt.lonE7]!) + Math.abs(lat - i32[words + wordAt.latE7]!),
        ) ||
        !(fenceIndex.stays(i32, words + seatWord, lon, lat) || this.#settles(rules, lane, lon, lat))
      ) {
        this.#order.take(batch, row);
        continue;
      }
      plain += 1;
      if (heardAtMs > clock.timeMs) clock.timeMs = heardAtMs;
      f64[doubles + doubleAt.lastAtMs] = atMs;
      f64[doubles + doubleAt.positionAtMs] = atMs;
      f64[doubles + doubleAt.receivedAtMs] = receivedAtMs[row]!;
      u16[shorts + shortAt.speedDkph] = speed;
      u16[shorts + shortAt.headingCdeg] = headingCdeg[row]!;
      this.#live.remember(lane, atMs, lon, lat, false);
      if ((place & placeFlag.fresh) === 0) this.#newest.note(lane);
    }
    this.#counters.fixes += plain;
  }

  /**
   * Whether the lane has come to another cell that lies in the same fences, and has been moved there. If not it stays where it
   * was, but what its fences mean is to be found anew.
   */
  #settles({ fenceIndex }: RuleSet, lane: number, lonE7: number, latE7: number): boolean {
    const live = this.#live;
    const fromLonE7 = live.getWord(lane, wordAt.lonE7);
    const fromLatE7 = live.getWord(lane, wordAt.latE7);
    const seat = live.seatOf(lane);
    const entry = fenceIndex.entryAt(lonE7, latE7);
    if (fenceIndex.staysInLeaf(live.i32, seat, lonE7, latE7, entry)) return true;
    if (!fenceIndex.settle(live.i32, seat, lonE7, latE7, entry)) return true;
    live.setWord(lane, wordAt.lonE7, fromLonE7);
    live.setWord(lane, wordAt.latE7, fromLatE7);
    live.u8[live.byteRow(lane) + byteAt.place]! &= ~placeFlag.known;
    return false;
  }
}
