import { packEvent, packSignals, type CatalogueRuleId } from '@haulwatch/domain';
import { useBit } from '../conditions.ts';
import { motion, permitState } from '../facts.ts';
import type { ThresholdsOf } from '../rule.ts';
import { minutes, now, seconds, type Changes } from './_facts.ts';

/** Where a rule holds, and what it says then. */
export type Example<R extends CatalogueRuleId = CatalogueRuleId> = {
  readonly thresholds: ThresholdsOf<R>;
  readonly changes: Changes;
  readonly sentence: string;
};

type FenceRuleId = 'fence-enter' | 'fence-exit' | 'zone-dwell' | 'zone-crowding';
type KindRuleId = 'terminal-manner' | 'adas' | 'dsm' | 'tpms' | 'bsd' | 'terminal-fault';

const fatigue = { dayMaxS: 14_400, nightMaxS: 7_200 };
const harsh = { maxMss: 3, aboveKph: 20, gapMaxS: 4 };
const told = (states: Readonly<Record<string, string>>): Changes => ({ signals: packSignals(states) });
const silent: Changes = { silentMs: 20 * minutes, lastAtMs: now - 20 * minutes, speedDkph: -1, isPlaced: false };
const event = (code: number): Changes => ({
  events: Float64Array.of(packEvent({ code, level: 1, state: 0 })),
  eventCount: 1,
});

export const examples: { readonly [R in Exclude<CatalogueRuleId, FenceRuleId | KindRuleId>]: Example<R> } = {
  'overspeed-warning': {
    thresholds: { belowKph: 5 },
    changes: { speedDkph: 584 },
    sentence: '58.4 km/h, near the limit of 60',
  },
  'continuous-driving': {
    thresholds: fatigue,
    changes: { drivenMs: 245 * minutes + 1 },
    sentence: 'driven more than 245 min without a rest, at most 240',
  },
  'continuous-driving-warning': {
    thresholds: { ...fatigue, aheadS: 1_800 },
    changes: { drivenMs: 215 * minutes },
    sentence: 'driven 215 min without a rest, 240 are allowed',
  },
  'daily-driving': {
    thresholds: { maxS: 28_800 },
    changes: { drivenOfDayMs: 490 * minutes + 1 },
    sentence: 'driven more than 490 min within 24 hours, at most 480',
  },
  'weekly-driving': {
    thresholds: { maxS: 158_400 },
    changes: { drivenOfWeekMs: 2_700 * minutes + 1 },
    sentence: 'driven more than 2700 min within 7 days, at most 2640',
  },
  'prohibited-hours': { thresholds: {}, changes: {}, sentence: 'on the road in prohibited hours' },
  'unauthorised-stop': {
    thresholds: { maxS: 600 },
    changes: { motion: motion.stopped, motionSinceMs: now - 12 * minutes - 1 },
    sentence: 'standing for more than 12 min, at most 10',
  },
  'route-deviation': {
    thresholds: { minDistanceM: 300 },
    changes: { permit: permitState.holds, offRouteM: 412.4 },
    sentence: '412 m off the routes of its permits',
  },
  'permit-violation': {
    thresholds: {},
    changes: { permit: permitState.missing },
    sentence: 'on the road without a permit that holds now',
  },
  'cover-open': {
    thresholds: {},
    changes: told({ cover: 'open', load: 'full' }),
    sentence: 'laden and moving with the cover open',
  },
  'body-lifted': { thresholds: {}, changes: told({ lift: 'raised' }), sentence: 'the body is raised' },
  'body-lifted-moving': {
    thresholds: { aboveKph: 10 },
    changes: told({ lift: 'raised' }),
    sentence: '50 km/h with the body raised',
  },
  'suspicious-dump': {
    thresholds: {},
    changes: { ...told({ load: 'empty' }), loadSinceMs: now },
    sentence: 'unloaded outside of approved sites',
  },
  'suspicious-load': {
    thresholds: {},
    changes: { ...told({ load: 'full' }), loadSinceMs: now },
    sentence: 'loaded outside of approved sites',
  },
  'right-turn-no-stop': {
    thresholds: { turnMinDeg: 60, stopKph: 3 },
    changes: { placeMask: useBit('junction'), turnedDeg: 85, slowestKph: 18.5 },
    sentence: 'turned right without a stop, never below 18.5 km/h',
  },
  'drum-reverse': { thresholds: {}, changes: told({ drum: 'reverse' }), sentence: 'the drum turns backwards' },
  'drum-stopped-laden': {
    thresholds: {},
    changes: told({ drum: 'stopped', load: 'full' }),
    sentence: 'laden, and the drum does not turn',
  },
  'concrete-age': {
    thresholds: { maxS: 5_400 },
    changes: { ...told({ load: 'full' }), loadSinceMs: now - 95 * minutes - 1 },
    sentence: 'loaded more than 95 min ago, at most 90',
  },
  'bend-speed': {
    thresholds: { maxMss: 2.5 },
    changes: { lateralMss: 2.84 },
    sentence: '2.8 m/s² sideways in a bend, at most 2.5',
  },
  'cargo-temperature': {
    thresholds: { minC: -10, maxC: 40 },
    changes: { cargoTemperatureC: 41.5 },
    sentence: 'the cargo has 41.5 °C where 40 is the bound',
  },
  'cargo-pressure': {
    thresholds: { maxKpa: 300 },
    changes: { cargoPressureKpa: 320 },
    sentence: 'the tank has 320 kPa, at most 300',
  },
  'valve-open': { thresholds: {}, changes: told({ valve: 'open' }), sentence: 'a valve of the tank is open' },
  'harsh-acceleration': {
    thresholds: harsh,
    changes: { accelerationMss: 4.21 },
    sentence: 'accelerated with 4.2 m/s², at most 3',
  },
  'harsh-braking': {
    thresholds: harsh,
    changes: { accelerationMss: -4.21 },
    sentence: 'braked with 4.2 m/s², at most 3',
  },
  'harsh-cornering': {
    thresholds: harsh,
    changes: { lateralMss: 4.21 },
    sentence: 'cornered with 4.2 m/s², at most 3',
  },
  'power-cut': { thresholds: {}, changes: { alarmFlags: 2 ** 8 }, sentence: 'main power lost while moving' },
  collision: {
    thresholds: {},
    changes: { alarmFlags: 2 ** 29 },
    sentence: 'the terminal felt a collision or a rollover',
  },
  rollover: { thresholds: {}, changes: { alarmFlags: 2 ** 30 }, sentence: 'the terminal felt the vehicle tilt' },
  offline: {
    thresholds: { movingS: 600, parkedS: 86_400 },
    changes: silent,
    sentence: 'nothing heard for 20 min, at most 10',
  },
  'offline-displacement': {
    thresholds: { silentMinS: 300, movedMinM: 1_000 },
    changes: { sinceMs: 20 * minutes, lastAtMs: now - 20 * minutes, movedM: 4_200 },
    sentence: 'moved 4200 m while nothing was heard',
  },
  'gnss-drift': {
    thresholds: { maxKph: 160 },
    changes: { impliedKph: 900 },
    sentence: 'its position jumped as if at 900 km/h, 160 is possible',
  },
  'gnss-stuck': {
    thresholds: { aboveKph: 10 },
    changes: { isSamePlace: true },
    sentence: '50 km/h, and the position stays the same',
  },
  'clock-skew': {
    thresholds: {},
    changes: { clockAheadMs: 90 * seconds },
    sentence: 'its clock is 90 s ahead, at most 60',
  },
  'tampering-suspected': {
    thresholds: { silentS: 60 },
    changes: { ...silent, alarmFlags: 2 ** 5 },
    sentence: 'fell silent on the road after its power or antenna was cut',
  },
};

export const kindExamples: { readonly [R in KindRuleId]: Omit<Example<R>, 'thresholds'> } = {
  'terminal-manner': { changes: event(0x7002), sentence: 'the terminal reports harsh braking 急减速' },
  adas: { changes: event(0x6401), sentence: 'the terminal reports forward collision 前向碰撞' },
  dsm: { changes: event(0x6502), sentence: 'the terminal reports phone 接打电话' },
  tpms: { changes: event(0x6603), sentence: 'the terminal reports pressure too low 胎压过低' },
  bsd: { changes: event(0x6701), sentence: 'the terminal reports rear approach 后方接近' },
  'terminal-fault': {
    changes: { alarmFlags: 2 ** 11 },
    sentence: 'the terminal reports camera fault 摄像头故障',
  },
};
