import { LaneList } from './lane-list.ts';
import { wordAt, type Lanes } from './lanes.ts';

const hourMs = 3_600_000;
const hoursOfWeek = 168;
/** Drivers of one vehicle whose hours are kept; of more, the one who drove longest ago is forgotten. */
const driversMax = 4;

/**
 * Hours that a driver has driven a vehicle, by hour of the clock, for a week. The whole layout: the driver's hash (0: not
 * told), the newest hour since the epoch, then milliseconds for each hour, at the hour modulo the hours of a week.
 */
const bookAt = { driver: 0, newestHour: 1, hours: 2 } as const;
const bookWords = bookAt.hours + hoursOfWeek;

/** The books of all lanes that keep any. */
export class Books {
  readonly list = new LaneList(bookWords, wordAt.firstBook);

  /** Notes that the lane's driver has driven from one time to another. */
  add(lanes: Lanes, lane: number, fromMs: number, toMs: number): void {
    const at = this.list.at(this.#bookOf(lanes, lane, Math.floor(fromMs / hourMs)));
    const { data } = this.list;
    for (let from = fromMs; from < toMs;) {
      const hour = Math.floor(from / hourMs);
      const to = Math.min(toMs, (hour + 1) * hourMs);
      this.#turnTo(at, hour);
      data[at + bookAt.hours + (hour % hoursOfWeek)]! += to - from;
      from = to;
    }
  }

  /** Driven within the hour of a time and the `hours - 1` before it. */
  sum(lanes: Lanes, lane: number, atMs: number, hours: number): number {
    const book = this.#find(lanes, lane);
    if (book < 0) return 0;
    const { data } = this.list;
    const at = this.list.at(book);
    const now = Math.floor(atMs / hourMs);
    const oldest = data[at + bookAt.newestHour]! - hoursOfWeek;
    let sum = 0;
    for (let hour = Math.max(now - hours, oldest) + 1; hour <= data[at + bookAt.newestHour]!; hour += 1) {
      sum += data[at + bookAt.hours + (hour % hoursOfWeek)]!;
    }
    return sum;
  }

  /**
   * Takes over what another lane has counted, up to the hour before that of a time: what of this hour was driven before the time
   * nobody knows.
   */
  takeOver(from: Lanes, fromLane: number, to: Lanes, toLane: number, beforeMs: number): void {
    const { list } = this;
    list.removeAll(to, toLane);
    const hour = Math.floor(beforeMs / hourMs);
    for (let book = list.first(from, fromLane); book >= 0; book = list.next(book)) {
      const at = list.at(list.add(to, toLane));
      const { data } = list;
      data.copyWithin(at, list.at(book), list.at(book) + bookWords);
      const newest = data[at + bookAt.newestHour]!;
      for (let later = Math.max(hour, newest - hoursOfWeek + 1); later <= newest; later += 1) {
        data[at + bookAt.hours + (later % hoursOfWeek)] = 0;
      }
      data[at + bookAt.newestHour] = Math.min(newest, hour);
    }
  }

  /** The driver is told for the first time: what nobody has driven yet was theirs. */
  name(lanes: Lanes, lane: number): void {
    const { list } = this;
    for (let book = list.first(lanes, lane); book >= 0; book = list.next(book)) {
      const at = list.at(book) + bookAt.driver;
      if (list.data[at] === 0) list.data[at] = lanes.getWord(lane, wordAt.driver);
    }
  }

  #find(lanes: Lanes, lane: number): number {
    const { list } = this;
    const driver = lanes.getWord(lane, wordAt.driver);
    let book = list.first(lanes, lane);
    while (book >= 0 && list.data[list.at(book) + bookAt.driver] !== driver) book = list.next(book);
    return book;
  }

  #bookOf(lanes: Lanes, lane: number, hour: number): number {
    const found = this.#find(lanes, lane);
    if (found >= 0) return found;
    const { list } = this;
    let count = 0;
    let oldest = -1;
    for (let book = list.first(lanes, lane); book >= 0; book = list.next(book)) {
      count += 1;
      const newestHour = list.data[list.at(book) + bookAt.newestHour]!;
      if (oldest < 0 || newestHour < list.data[list.at(oldest) + bookAt.newestHour]!) oldest = book;
    }
    if (count >= driversMax) list.remove(lanes, lane, oldest);
    const book = list.add(lanes, lane);
    const at = list.at(book);
    list.data.fill(0, at, at + bookWords);
    list.data[at + bookAt.driver] = lanes.getWord(lane, wordAt.driver);
    list.data[at + bookAt.newestHour] = hour;
    return book;
  }

  /** Hours between the newest and this one were not driven. */
  #turnTo(at: number, hour: number): void {
    const { data } = this.list;
    const newest = data[at + bookAt.newestHour]!;
    for (let empty = Math.max(newest + 1, hour - hoursOfWeek + 1); empty <= hour; empty += 1) {
      data[at + bookAt.hours + (empty % hoursOfWeek)] = 0;
    }
    if (hour > newest) data[at + bookAt.newestHour] = hour;
  }
}
