import { fromE7, headingAbsent, speedAbsent } from '@haulwatch/domain';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

/** A vehicle's newest live fix, for maps. */
export type NewestFix = {
  readonly vehicleId: string;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly speedKph?: number;
  readonly headingDeg?: number;
};

/** Which vehicles have moved on since somebody last asked. Each is a bit of its lane, and once in a list. */
export class NewestFixes {
  readonly #live: Lanes;
  #fresh: number[] = [];

  constructor(live: Lanes) {
    this.#live = live;
  }

  /** The vehicle's newest fix is news. Ask its bit before. */
  note(vehicle: number): void {
    this.#live.u8[this.#live.byteRow(vehicle) + byteAt.place]! |= placeFlag.fresh;
    this.#fresh.push(vehicle);
  }

  drain(limit: number, known: readonly { readonly id: string }[]): NewestFix[] {
    const live = this.#live;
    return this.#fresh.splice(0, limit).map((vehicle) => {
      live.u8[live.byteRow(vehicle) + byteAt.place]! &= ~placeFlag.fresh;
      const speedDkph = live.u16[live.shortRow(vehicle) + shortAt.speedDkph]!;
      const headingCdeg = live.u16[live.shortRow(vehicle) + shortAt.headingCdeg]!;
      return {
        vehicleId: known[vehicle]!.id,
        fixedAtMs: live.get(vehicle, doubleAt.lastAtMs),
        receivedAtMs: live.get(vehicle, doubleAt.receivedAtMs),
        lonDeg: fromE7(live.getWord(vehicle, wordAt.lonE7)),
        latDeg: fromE7(live.getWord(vehicle, wordAt.latE7)),
        ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
        ...(headingCdeg === headingAbsent ? {} : { headingDeg: headingCdeg / 100 }),
      };
    });
  }
}
