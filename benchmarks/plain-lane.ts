import { alarmFlagSos, toE7, type Fix, type Policy, type VehicleClass } from '@haulwatch/domain';
import type { PlainEpisode } from './plain-episode.ts';
import { PlainMotion } from './plain-motion.ts';

/** How many of a lane's newest fixes are kept to know duplicates by. */
const recentMax = 8;

type Recent = { readonly atMs: number; readonly x: number; readonly y: number; pressed: boolean };

export type PlainPlace = { readonly atMs: number; readonly lonDeg: number; readonly latDeg: number };

/** What a vehicle reports as it drives, or what it tells after the fact: the fixes that the rules run over in order of time. */
export class PlainLane {
  readonly vehicleId: string;
  readonly class: VehicleClass;
  lastAtMs: number | undefined;
  /** When that was received. */
  receivedAtMs = Number.NaN;
  /** Where the vehicle is taken to be. */
  place: PlainPlace | undefined;
  /** Places since then to which it cannot have driven from there, but from one to the next. */
  doubted: readonly PlainPlace[] = [];
  /** Where it was before its place, if the speed that it came with was derived. */
  prior: PlainPlace | undefined;
  motion: PlainMotion;
  readonly episodes = new Map<string, PlainEpisode>();
  /** How often each of them was raised since when. */
  readonly tallies = new Map<string, { readonly fromMs: number; readonly raised: number }>();
  /** From when to when the alarms of each lasted that were told, oldest first; the newest may be on. */
  readonly told = new Map<string, readonly { readonly fromMs: number; readonly toMs: number }[]>();
  /** Of a late lane: the live one, and when the gap began from which this one goes on. */
  readonly live: PlainLane | undefined;
  departedAtMs = Number.NaN;
  #recent: readonly Recent[] = [];

  constructor(vehicleId: string, vehicleClass: VehicleClass, policy: Policy, live?: PlainLane) {
    this.motion = new PlainMotion(policy);
    this.vehicleId = vehicleId;
    this.class = vehicleClass;
    this.live = live;
  }

  get late(): boolean {
    return this.live !== undefined;
  }

  /** Whether the first fix after a gap goes on with what the live lane has told of the time before it. */
  isToldLive(key: string, atMs: number): boolean {
    const { departedAtMs, lastAtMs } = this;
    const told = this.live?.told.get(key);
    if (told === undefined || lastAtMs === undefined || !(lastAtMs <= departedAtMs && departedAtMs < atMs))
      return false;
    return told.some(({ fromMs, toMs }) => fromMs <= departedAtMs && departedAtMs <= toMs);
  }

  /** The fix of this time and place, where it is among the newest. */
  recentLike(fix: Fix): Recent | undefined {
    const { atMs, x, y } = recentOf(fix);
    return this.#recent.find((one) => one.atMs === atMs && one.x === x && one.y === y);
  }

  /** Counts that one of the episodes was raised; after some time from the first anew. */
  countRaised(key: string, atMs: number, withinMs: number): number {
    const known = this.tallies.get(key);
    const goesOn = known !== undefined && atMs - known.fromMs <= withinMs;
    const tally = goesOn ? { ...known, raised: known.raised + 1 } : { fromMs: atMs, raised: 1 };
    this.tallies.set(key, tally);
    return tally.raised;
  }

  remember(fix: Fix): void {
    this.#recent = [...this.#recent.slice(1 - recentMax), recentOf(fix)];
  }
}

export function isPressed(fix: Fix): boolean {
  return ((fix.alarmFlags ?? 0) & alarmFlagSos) !== 0;
}

function recentOf(fix: Fix): Recent {
  return { atMs: fix.fixedAtMs, x: toE7(fix.lonDeg), y: toE7(fix.latDeg), pressed: isPressed(fix) };
}
