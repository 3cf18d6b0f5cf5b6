import { alarmFlagSos, type Fix } from '@haulwatch/domain';
import type { FenceWorld } from './fence-world.ts';
import { FixStream } from './fix-stream.ts';
import { Random } from './random.ts';

/** A record of JSON v1 and when it was produced. */
export type MuddledRecord = { readonly text: string; readonly producedAtMs: number };

/** One vehicle in three is out of reach for two minutes of every five, and tells of it afterwards. */
const reach = { oneOf: 3, everyS: 300, outForS: 120 } as const;
/** Of the fixes: told again some seconds later; held back for less than the reorder allows, or for more. */
const shares = { again: 0.004, heldBriefly: 0.004, heldLong: 0.003, broken: 0.004, pressed: 0.001 } as const;
const heldS = { briefly: 3, long: 12 } as const;

/**
 * A fleet in traffic whose records come as they come from the field: stretches re-reported after a blind zone, marked so or
 * not, in order or not, once or twice; duplicates; stragglers; records that are broken in each of the ways in which they can
 * be; and the emergency button pressed in any of them.
 */
export class MuddledFleet {
  readonly stream: FixStream;
  readonly #random: Random;
  readonly #withheld = new Map<string, Fix[]>();
  /** What is to be sent at a later second. */
  readonly #later = new Map<number, Fix[]>();
  #second = 0;

  constructor(world: FenceWorld, vehicles: number, seed: number) {
    this.stream = new FixStream(world, { vehicles, seed, textsBelow: vehicles, trouble: 30 });
    this.#random = Random.of(seed, 9);
  }

  /** The records of the next second, in the order in which they are produced. */
  next(): MuddledRecord[] {
    const { texts, receivedAtMs: nowMs } = this.stream.next();
    const sent: Fix[] = [...(this.#later.get(this.#second) ?? [])];
    this.#later.delete(this.#second);
    for (const text of texts) {
      const fix = this.#pressed(JSON.parse(text) as Fix);
      const withheld = this.#withheld.get(fix.vehicleId);
      if (this.#isOutOfReach(fix.vehicleId)) {
        if (withheld === undefined) this.#withheld.set(fix.vehicleId, [fix]);
        else withheld.push(fix);
        continue;
      }
      if (withheld !== undefined) {
        this.#withheld.delete(fix.vehicleId);
        this.#tellOf(withheld, fix.vehicleId, sent);
      }
      this.#send(fix, sent);
    }
    this.#second += 1;
    return sent.map((fix) => ({ text: this.#write({ ...fix, receivedAtMs: nowMs }, nowMs), producedAtMs: nowMs }));
  }

  #isOutOfReach(vehicleId: string): boolean {
    const vehicle = numberOf(vehicleId);
    return vehicle % reach.oneOf === 0 && (this.#second + vehicle * 7) % reach.everyS < reach.outForS;
  }

  /** The fixes of a gap, each vehicle in its own way. */
  #tellOf(withheld: readonly Fix[], vehicleId: string, sent: Fix[]): void {
    const way = Math.floor(numberOf(vehicleId) / reach.oneOf) % 5;
    const told = withheld.map((fix) => (way < 2 ? { ...fix, blindZone: true } : fix));
    if (way === 4) this.#shuffle(told);
    // Some terminals go on with what is new and tell the rest when there is time.
    if (way === 2) this.#hold(told, 1);
    else if (way === 3) this.#hold(told, 20);
    else sent.push(...told);
    if (way === 1) this.#hold(told, 5);
  }

  #send(fix: Fix, sent: Fix[]): void {
    const chance = this.#random.share();
    const { again, heldBriefly, heldLong } = shares;
    if (chance < heldBriefly) this.#hold([fix], heldS.briefly);
    else if (chance < heldBriefly + heldLong) this.#hold([fix], heldS.long);
    else sent.push(fix);
    if (chance > 1 - again) this.#hold([fix], 1 + Math.floor(this.#random.share() * 6));
  }

  #hold(fixes: readonly Fix[], forS: number): void {
    const atS = this.#second + forS;
    this.#later.set(atS, [...(this.#later.get(atS) ?? []), ...fixes]);
  }

  #pressed(fix: Fix): Fix {
    return this.#random.chance(shares.pressed) ? { ...fix, alarmFlags: alarmFlagSos } : fix;
  }

  /** As text; some are broken on the way, with the button pressed in every third of those. */
  #write(fix: Fix, nowMs: number): string {
    if (!this.#random.chance(shares.broken)) return JSON.stringify(fix);
    const told = this.#random.chance(1 / 3) ? { ...fix, alarmFlags: alarmFlagSos } : fix;
    const way = Math.floor(this.#random.share() * 4);
    if (way === 0) return JSON.stringify({ ...told, lonDeg: 200 });
    if (way === 1) return JSON.stringify({ ...told, fixedAtMs: nowMs + 3_600_000 });
    if (way === 2) return JSON.stringify({ ...told, vehicleId: 'nobody' });
    return JSON.stringify(told).slice(0, -5);
  }

  #shuffle(fixes: Fix[]): void {
    for (let i = fixes.length - 1; i > 0; i -= 1) {
      const j = Math.floor(this.#random.share() * (i + 1));
      [fixes[i], fixes[j]] = [fixes[j]!, fixes[i]!];
    }
  }
}

function numberOf(vehicleId: string): number {
  return Number(vehicleId.slice(2));
}
