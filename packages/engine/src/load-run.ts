import { loadOfStatus, signalCode, signalOf, signalShift } from '@haulwatch/domain';
import { useBit, type Facts } from '@haulwatch/rules';
import { byteAt, doubleAt, placeFlag, wordAt, type Lanes } from './lanes.ts';

const plantBit = useBit('plant');
const loadShift = signalShift('load');
const empty = signalCode('load', 'empty');
const full = signalCode('load', 'full');

/** Bits of a signal's code in the packed word. */
const codeMask = 3;
/** In the lane's word of signals, above all of them: sensor or status bits have told a load. Then no plant does. */
const loadTold = 1 << 16;

/** No truck is loaded or emptied and back within a minute: a load that lasts no longer was a sensor that flickered. Our choice. */
const flickerMaxMs = 60_000;

/** What body and load of a vehicle are, by whoever tells it, and when and where the load last changed. */
export class LoadRun {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** @param told packed signals of this fix alone; @param formerMask what the fences were for at the former fix. */
  take(lanes: Lanes, lane: number, told: number, formerMask: number): void {
    const facts = this.#facts;
    const former = lanes.getWord(lane, wordAt.signals);
    let signals = former;
    for (let shift = 0; shift < 16; shift += 2) {
      if (signalOf(told, shift) !== 0) signals = (signals & ~(codeMask << shift)) | (told & (codeMask << shift));
    }
    const at = lanes.byteRow(lane) + byteAt.place;
    const statusLoad = (facts.statusFlags >>> 8) & codeMask;
    const formerStatus = (lanes.u8[at]! & placeFlag.load) >>> placeFlag.loadShift;
    if (signalOf(told, loadShift) !== 0) signals |= loadTold;
    else {
      // Status bits 00 are "empty" of a truck that has shown a load by them, and nothing of one that never has.
      const byStatus = statusLoad === 0 && formerStatus !== 0 ? empty : loadOfStatus(facts.statusFlags);
      if (byStatus !== 0) signals |= loadTold;
      const load = (signals & loadTold) === 0 ? loadByPlant(formerMask, facts.placeMask) : byStatus;
      if (load !== 0) signals = (signals & ~(codeMask << loadShift)) | (load << loadShift);
    }
    lanes.u8[at] = (lanes.u8[at]! & ~placeFlag.load) | (statusLoad << placeFlag.loadShift);
    // A sensor that tells for the first time has seen no change, nor has the first fix of all.
    const isFound =
      signalOf(former, loadShift) === 0 && (signalOf(told, loadShift) !== 0 || Number.isNaN(facts.lastAtMs));
    if (!isFound) this.#takeLoad(lanes, lane, former, signals);
    facts.loadSinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    facts.loadPlaceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    lanes.setWord(lane, wordAt.signals, signals);
    facts.signals = signals;
  }

  /** When and where the load last changed; after a flicker, as it was before. */
  #takeLoad(lanes: Lanes, lane: number, former: number, signals: number): void {
    const { atMs, placeMask } = this.#facts;
    // Empty is how a truck begins that tells its load by status bits or by leaving the plant.
    if (signalOf(former, loadShift) > empty === signalOf(signals, loadShift) > empty) return;
    const sinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    const sinceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    const isFlicker = atMs - sinceMs < flickerMaxMs;
    lanes.set(lane, doubleAt.loadSinceMs, isFlicker ? lanes.get(lane, doubleAt.formerLoadSinceMs) : atMs);
    lanes.setWord(lane, wordAt.loadPlaceMask, isFlicker ? lanes.getWord(lane, wordAt.formerLoadPlaceMask) : placeMask);
    lanes.set(lane, doubleAt.formerLoadSinceMs, isFlicker ? Number.NaN : sinceMs);
    lanes.setWord(lane, wordAt.formerLoadPlaceMask, isFlicker ? 0 : sinceMask);
  }
}

/** A mixer whose load nobody has ever told comes to the plant empty and leaves it full. 0: neither. */
function loadByPlant(formerMask: number, mask: number): number {
  const [was, is] = [(formerMask & plantBit) !== 0, (mask & plantBit) !== 0];
  if (was === is) return 0;
  return is ? empty : full;
}
