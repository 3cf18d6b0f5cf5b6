import { emptySeat } from '@haulwatch/geo';
import { presenceAt, presenceWords } from '@haulwatch/rules';
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

/** The whole layout of a departure: the time of the newest fix first, then the rest in this order, flags and the policy that judged it last. */
const wordsFrom = doubles.length;
const shortsFrom = wordsFrom + words.length;
const flagsAt = shortsFrom + shorts.length;
const policyAt = flagsAt + 1;
const departureWords = policyAt + 1;

const ownFlags = placeFlag.moving | placeFlag.load | placeFlag.night;

/**
 * What vehicles were when their newest gap began, one for each that ever had a gap, 200 bytes. The live lane goes on after the
 * gap; what is told late of the gap goes on from here.
 */
export class Departures {
  readonly list = new LaneList(departureWords, wordAt.firstDeparture);
  /** Their stays in watched fences, as `Stays` has them. */
  readonly stays = new LaneList(presenceWords, wordAt.firstFormerStay);
  readonly live: Lanes;

  constructor(live: Lanes) {
    this.live = live;
  }

  /** The vehicle's live lane has a gap behind it, and is still as it was before: so are its stays. */
  note(vehicle: number, presences: LaneList, policyVersion: number): void {
    const { list, live } = this;
    const first = list.first(live, vehicle);
    this.#write(vehicle, list.at(first < 0 ? list.add(live, vehicle) : first), policyVersion);
    this.stays.removeAll(live, vehicle);
    copyAll(presences, live, vehicle, this.stays, live, vehicle);
  }

  /** When the vehicle was last heard before its newest gap; NaN: it has had none. */
  atMs(vehicle: number): number {
    const first = this.list.first(this.live, vehicle);
    return first < 0 ? Number.NaN : this.list.data[this.list.at(first)]!;
  }

  /**
   * Makes a late lane what its vehicle was when its newest gap began. Its stays go on; that it came has been told. Where the policy is
   * another one since, its fences are seen for the first time.
   */
  seed(vehicle: number, late: Lanes, lane: number, presences: LaneList, policyVersion: number): void {
    const { data } = this.list;
    const from = this.list.at(this.list.first(this.live, vehicle));
    for (const [i, place] of doubles.entries()) late.set(lane, place, data[from + i]!);
    emptySeat(late.i32, late.seatOf(lane));
    for (const [i, place] of words.entries()) late.setWord(lane, place, data[from + wordsFrom + i]!);
    for (const [i, place] of shorts.entries()) late.u16[late.shortRow(lane) + place] = data[from + shortsFrom + i]!;
    const isRedrawn = data[from + policyAt] !== policyVersion;
    late.u8[late.byteRow(lane) + byteAt.place] =
      (data[from + flagsAt]! & ownFlags) | (isRedrawn ? placeFlag.redrawn : 0);
    presences.removeAll(late, lane);
    copyAll(this.stays, this.live, vehicle, presences, late, lane);
    for (let stay = presences.first(late, lane); stay >= 0; stay = presences.next(stay)) {
      const at = presences.at(stay);
      if (presences.data[at + presenceAt.isConfirmed] === 1) presences.data[at + presenceAt.isFirstSight] = 1;
    }
  }

  #write(vehicle: number, to: number, policyVersion: number): void {
    const { data } = this.list;
    const { live } = this;
    for (const [i, place] of doubles.entries()) data[to + i] = live.get(vehicle, place);
    for (const [i, place] of words.entries()) data[to + wordsFrom + i] = live.getWord(vehicle, place);
    for (const [i, place] of shorts.entries()) data[to + shortsFrom + i] = live.u16[live.shortRow(vehicle) + place]!;
    data[to + flagsAt] = live.u8[live.byteRow(vehicle) + byteAt.place]! & ownFlags;
    data[to + policyAt] = policyVersion;
  }
}

/** Appends copies of all that a lane has in one list to what another has in another. */
function copyAll(from: LaneList, lanes: Lanes, row: number, to: LaneList, toLanes: Lanes, toRow: number): void {
  for (let thing = from.first(lanes, row); thing >= 0; thing = from.next(thing)) {
    const copy = to.at(to.add(toLanes, toRow));
    to.data.set(from.data.subarray(from.at(thing), from.at(thing) + from.words), copy);
  }
}
