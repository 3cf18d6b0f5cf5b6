import type { RuleSet } from './rule-set.ts';

/** Whether a vehicle stands or moves, with hysteresis (`MotionSettings`). */
export const motion = { unknown: 0, stopped: 1, moving: 2 } as const;

/** Whether a vehicle has a permit that holds. */
export const permitState = { unasked: 0, holds: 1, missing: 2 } as const;

/**
 * What is known of a vehicle at one fix, derived once for all rules: numbers, filled by the engine into one object that is
 * used again and again. "The former fix" is the newest one before this of the same lane.
 */
export type Facts = {
  rules: RuleSet;
  /** Code of the vehicle's class. */
  classCode: number;
  /** Event time of the fix; where a timer asks, the partition's time. */
  atMs: number;
  /** Since the former fix; Infinity: there is none. Above `gapMaxMs` nothing is known of the time between. */
  sinceMs: number;
  /** 0 at a fix; where a timer asks: for how long nothing has been heard. What a fix tells is then what the last one told. */
  silentMs: number;
  /** Event time of the newest fix; NaN: there is none. */
  lastAtMs: number;
  /** How far the fix is stamped ahead of its receipt; above `clockAheadMaxMs` it is refused, and this is all that counts. */
  clockAheadMs: number;

  /** False: the position of this fix is invalid; place, motion and speed are those of the former one or unknown. */
  isPlaced: boolean;
  /** The vehicle has come to the fix's position. False: it has none, or one that it cannot have driven to; it is where it was. */
  isBelieved: boolean;
  /** 0.1 km/h, or -1 where no speed is known. */
  speedDkph: number;
  /** The speed was derived from displacement. */
  derived: boolean;
  /** Between the former believed position and this one: metres, NaN where this one is not believed; and the speed that it would take. NaN: there is no former one. */
  movedM: number;
  impliedKph: number;
  /** The position is the same to the last digit as at the former fix. */
  isSamePlace: boolean;

  /** `motion` after this fix, and since when. */
  motion: number;
  motionSinceMs: number;
  /** Driven since the last rest 连续驾驶, ms, and how much of it at night. */
  drivenMs: number;
  nightDrivenMs: number;
  isNight: boolean;
  /** Driven by the present driver in this hour of the clock and the 23, or 167, before it, ms. 0 where no rule of the class asks. */
  drivenOfDayMs: number;
  drivenOfWeekMs: number;

  /**
   * m/s²: change of speed since the former fix, and speed × change of heading; NaN: not known, over a gap, or one of both fixes
   * has no position.
   */
  accelerationMss: number;
  lateralMss: number;
  /** km/h before the change. */
  formerKph: number;

  alarmFlags: number;
  statusFlags: number;
  /** Alarm flags of the former fix. */
  formerAlarmFlags: number;
  /** Packed signals (`signalOf`) after this fix; what it does not tell is as it was. */
  signals: number;
  /** Since when the load is what it is, where a change was seen; NaN: it was always so. */
  loadSinceMs: number;
  /** °C and kPa; NaN: this fix does not tell. */
  cargoTemperatureC: number;
  cargoPressureKpa: number;
  /** Packed events of the terminal in this fix (`packEvent`). */
  events: Float64Array;
  eventCount: number;

  /** 0.1 km/h: the lowest limit that applies here and now, and the fence that sets it, or -1: the class does. */
  limitDkph: number;
  limitFence: number;
  /** What the fences that hold the position are for: `placeMask` bits of `RuleSet`. */
  placeMask: number;
  /** The same where the load last changed. */
  loadPlaceMask: number;
  /**
   * In a junction zone: turned since the fix before it was entered, or since a gap, degrees, to the right above 0; and the
   * slowest in it, km/h.
   */
  turnedDeg: number;
  slowestKph: number;
  /** `permitState` here and now; and when it changes by the clock alone, event time. Only where a rule of the class asks. */
  permit: number;
  permitChangesAtMs: number;
  /** Metres driven since the routes of the permits that hold were left; 0: on one of them, or they have none. */
  offRouteM: number;
  /** Minutes since local Monday 00:00 at the fix. */
  minuteOfWeek: number;
  /** Numbers of the fences that hold the position, and how many; filled where a rule asks for them. */
  fences: Int32Array;
  fenceCount: number;
};

/** Facts of which nothing is known, for their owner to fill. */
export function newFacts(rules: RuleSet, fences: Int32Array, events: Float64Array): Facts {
  return {
    rules,
    classCode: 0,
    atMs: 0,
    sinceMs: Infinity,
    silentMs: 0,
    lastAtMs: Number.NaN,
    clockAheadMs: 0,
    isPlaced: true,
    isBelieved: true,
    speedDkph: -1,
    derived: false,
    movedM: Number.NaN,
    impliedKph: Number.NaN,
    isSamePlace: false,
    motion: motion.unknown,
    motionSinceMs: Number.NaN,
    drivenMs: 0,
    nightDrivenMs: 0,
    isNight: false,
    drivenOfDayMs: 0,
    drivenOfWeekMs: 0,
    accelerationMss: Number.NaN,
    lateralMss: Number.NaN,
    formerKph: Number.NaN,
    alarmFlags: 0,
    statusFlags: 0,
    formerAlarmFlags: 0,
    signals: 0,
    loadSinceMs: Number.NaN,
    cargoTemperatureC: Number.NaN,
    cargoPressureKpa: Number.NaN,
    events,
    eventCount: 0,
    limitDkph: 0,
    limitFence: -1,
    placeMask: 0,
    loadPlaceMask: 0,
    turnedDeg: 0,
    slowestKph: Number.NaN,
    permit: permitState.unasked,
    permitChangesAtMs: Infinity,
    offRouteM: 0,
    minuteOfWeek: 0,
    fences,
    fenceCount: 0,
  };
}
