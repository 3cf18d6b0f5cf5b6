/** The most events of one report that are kept: all peripherals of T/JSATL 12 at once, and some tyres. */
export const eventsPerFixMax = 8;

/** What few fixes carry, in numbers. */
export type FixExtra = {
  /** Packed signals (`packSignals`). */
  readonly signals: number;
  /** °C and kPa; NaN: not told. */
  readonly cargoTemperatureC: number;
  readonly cargoPressureKpa: number;
  /** A hash of the driver's id, above 0; 0: not told. */
  readonly driver: number;
  /** Packed events of the terminal (`packEvent`), at most `eventsPerFixMax`. */
  readonly events: readonly number[];
};

/** Places in a row of `FixExtras.words`; the events follow. */
export const extraAt = { signals: 0, cargoTemperatureC: 1, cargoPressureKpa: 2, driver: 3, eventCount: 4, events: 5 };
export const extraWords = extraAt.events + eventsPerFixMax;

/**
 * Beside a batch of fixes: what few of them carry. A fix without any has no row here and costs nothing. Used again and
 * again like the batch itself.
 */
export class FixExtras {
  count = 0;
  words = new Float64Array(64 * extraWords);

  /** Appends a row and returns its number. */
  push(extra: FixExtra): number {
    const row = this.#add();
    const at = row * extraWords;
    const { words } = this;
    words[at + extraAt.signals] = extra.signals;
    words[at + extraAt.cargoTemperatureC] = extra.cargoTemperatureC;
    words[at + extraAt.cargoPressureKpa] = extra.cargoPressureKpa;
    words[at + extraAt.driver] = extra.driver;
    const eventCount = Math.min(extra.events.length, eventsPerFixMax);
    words[at + extraAt.eventCount] = eventCount;
    for (let i = 0; i < eventCount; i += 1) words[at + extraAt.events + i] = extra.events[i]!;
    return row;
  }

  /** Appends a row that has been packed already, from a place in an array, and returns its number. */
  pushWords(words: Float64Array, from: number): number {
    const row = this.#add();
    for (let word = 0; word < extraWords; word += 1) this.words[row * extraWords + word] = words[from + word]!;
    return row;
  }

  clear(): void {
    this.count = 0;
  }

  /** A row whose words are the caller's to fill. Other `words` afterwards, maybe. */
  #add(): number {
    const row = this.count;
    if ((row + 1) * extraWords > this.words.length) {
      const grown = new Float64Array(2 * this.words.length);
      grown.set(this.words);
      this.words = grown;
    }
    this.count = row + 1;
    return row;
  }
}
