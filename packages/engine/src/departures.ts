import { emptySeat } from '@haulwatch/geo';
import { LaneList } from './lane-list.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

/** What a late lane takes over from the live one: all that rules are shown of a vehicle's past. */
const doubles = [
  doubleAt.lastAtMs,
  doubleAt.positionAtMs,
  doubleAt.motionSinceMs,
  doubleAt.drivenMs,
  doubleAt.nightDrivenMs,
  doubleAt.countedToMs,
  doubleAt.loadSinceMs,
  doubleAt.formerLoadSinceMs,
  doubleAt.anchorAtMs,
];
const words = [
  wordAt.lonE7,
  wordAt.latE7,
  wordAt.placeMask,
  wordAt.loadPlaceMask,
  wordAt.formerLoadPlaceMask,
  wordAt.signals,
  wordAt.driver,
  wordAt.alarmFlags,
  wordAt.turnedCdeg,
  wordAt.slowestDkph,
  wordAt.offRouteM,
  wordAt.anchorLonE7,
  wordAt.anchorLatE7,
];
const shorts = [shortAt.speedDkph, shortAt.headingCdeg];

/** The whole layout of a departure: the time of the newest fix first, then the rest in this order, flags last. */
const wordsFrom = doubles.length;
const shortsFrom = wordsFrom + words.length;
const flagsAt = shortsFrom + shorts.length;
const departureWords = flagsAt + 1;

const ownFlags = placeFlag.moving | placeFlag.load | placeFlag.night;
/** Beside them: its position lies in a watched fence, but in none was it believed to be. */
const notInside = 256;

/**
 * What vehicles were when their newest gap began, one for each that ever had a gap, 200 bytes. The live lane goes on after the
 * gap; what is told late of the gap goes on from here.
 */
export class Departures {
  readonly list = new LaneList(departureWords, wordAt.firstDeparture);

  /** The vehicle's live lane has a gap behind it, and is still as it was before. */
  note(live: Lanes, vehicle: number, isInside: boolean): void {
    const { list } = this;
    const first = list.first(live, vehicle);
    this.#write(live, vehicle, list.at(first < 0 ? list.add(live, vehicle) : first), isInside);
  }

  /** When the vehicle was last heard before its newest gap; NaN: it has had none. */
  atMs(live: Lanes, vehicle: number): number {
    const first = this.list.first(live, vehicle);
    return first < 0 ? Number.NaN : this.list.data[this.list.at(first)]!;
  }

  /** Makes a late lane what its vehicle was when its newest gap began. */
  seed(live: Lanes, vehicle: number, late: Lanes, lane: number): void {
    const { data } = this.list;
    const from = this.list.at(this.list.first(live, vehicle));
    for (const [i, place] of doubles.entries()) late.set(lane, place, data[from + i]!);
    emptySeat(late.i32, late.seatOf(lane));
    for (const [i, place] of words.entries()) late.setWord(lane, place, data[from + wordsFrom + i]!);
    for (const [i, place] of shorts.entries()) late.u16[late.shortRow(lane) + place] = data[from + shortsFrom + i]!;
    late.u8[late.byteRow(lane) + byteAt.place] = data[from + flagsAt]! & ownFlags;
  }

  /** Whether it was believed to be in the watched fences that held its position. */
  wasInside(live: Lanes, vehicle: number): boolean {
    return (this.list.data[this.list.at(this.list.first(live, vehicle)) + flagsAt]! & notInside) === 0;
  }

  #write(live: Lanes, vehicle: number, to: number, isInside: boolean): void {
    const { data } = this.list;
    for (const [i, place] of doubles.entries()) data[to + i] = live.get(vehicle, place);
    for (const [i, place] of words.entries()) data[to + wordsFrom + i] = live.getWord(vehicle, place);
    for (const [i, place] of shorts.entries()) data[to + shortsFrom + i] = live.u16[live.shortRow(vehicle) + place]!;
    data[to + flagsAt] = (live.u8[live.byteRow(vehicle) + byteAt.place]! & ownFlags) | (isInside ? 0 : notInside);
  }
}
