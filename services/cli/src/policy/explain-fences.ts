import type { Fence, Level, Policy, RuleId, Tier, VehicleClass } from '@haulwatch/domain';
import { classCode, closedTo, inForce, type RuleSet } from '@haulwatch/rules';
import { Temporal } from 'temporal-polyfill';
import type { PlaceView } from './explain-place.ts';
import { clockTime, scheduleWords } from './explain-words.ts';

export type ToldFence = {
  readonly id: string;
  readonly name: string;
  readonly isForClass: boolean;
  /** At a place: whether its schedule is open then. */
  readonly isInForce?: boolean;
  /** At a place: whether the vehicle must not be here. */
  readonly isClosed?: boolean;
  readonly prohibited: boolean;
  readonly limitKph?: number;
  readonly dwellMaxS?: number;
  readonly uses: readonly string[];
  readonly schedule: string;
  /** Of its alarms as a closed zone. */
  readonly level: Level;
  readonly tier: Tier;
  /** The rules of stays that it asks for: of the class, and at a place only while it is in force. */
  readonly watchedBy: readonly RuleId[];
};

export type ToldPlace = {
  /** Local time of the policy, with its offset. */
  readonly at: string;
  readonly atMs: number;
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly isNight: boolean;
  readonly night: string;
  readonly limitKph: number;
  /** Where the limit comes from, in words, and the source of each number in it. */
  readonly limitFrom: string;
  readonly limitFence?: string;
};

export function toldFence(fence: Fence, policy: Policy, vehicleClass: VehicleClass, view?: PlaceView): ToldFence {
  const { id, name, prohibited, limitKph, dwellMaxS, uses = [], schedule } = fence;
  const isForClass = fence.classes.includes(vehicleClass);
  const number = view === undefined ? -1 : view.fences.find((one) => policy.fences[one] === fence)!;
  const isInForce = view === undefined || inForce(view.facts.rules.fences[number]!.schedule, view.facts.minuteOfWeek);
  return {
    id,
    name,
    isForClass,
    ...(view !== undefined && { isInForce, isClosed: closedTo(view.facts, number) }),
    prohibited,
    ...(limitKph !== undefined && { limitKph }),
    ...(dwellMaxS !== undefined && { dwellMaxS }),
    uses,
    schedule: scheduleWords(schedule),
    level: fence.level ?? policy.prohibitedZone.level,
    tier: fence.tier ?? policy.prohibitedZone.tier,
    watchedBy: isForClass && isInForce ? watchersOf(fence) : [],
  };
}

function watchersOf({ uses = [], dwellMaxS }: Fence): RuleId[] {
  return [
    ...(uses.includes('enter') ? (['fence-enter'] as const) : []),
    ...(uses.includes('exit') ? (['fence-exit'] as const) : []),
    ...(dwellMaxS === undefined ? [] : (['zone-dwell'] as const)),
  ];
}

export function toldPlace(policy: Policy, rules: RuleSet, { asked, facts }: PlaceView): ToldPlace {
  const { atMs, lonDeg, latDeg } = asked;
  const { fromMinute, toMinute, source } = policy.motion.night;
  const fence = policy.fences[facts.limitFence];
  const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(policy.timeZone);
  return {
    at: zoned.toString({ timeZoneName: 'never', fractionalSecondDigits: 0 }),
    atMs,
    lonDeg,
    latDeg,
    isNight: facts.isNight,
    night: `${clockTime(fromMinute)}-${clockTime(toMinute)}, ${source}`,
    limitKph: facts.limitDkph / 10,
    limitFrom: limitFrom(policy, rules, facts.classCode, { fence, isNight: facts.isNight }),
    ...(fence !== undefined && { limitFence: fence.id }),
  };
}

function limitFrom(
  { overspeed }: Policy,
  rules: RuleSet,
  code: number,
  { fence, isNight }: { readonly fence: Fence | undefined; readonly isNight: boolean },
): string {
  const vehicleClass = (Object.keys(overspeed.limitsKph) as VehicleClass[]).find((name) => classCode(name) === code)!;
  const own = overspeed.limitsKph[vehicleClass];
  const day =
    fence === undefined
      ? `class ${vehicleClass}, ${own.value} km/h: ${own.source}`
      : `fence ${fence.id}, ${fence.limitKph} km/h: '${fence.name}'`;
  const percent = overspeed.nightPercent?.[vehicleClass];
  if (!isNight || percent === undefined || rules.nightPercent[code] === 100) return day;
  return `${day}; at night ${percent.value} % of it: ${percent.source}`;
}
