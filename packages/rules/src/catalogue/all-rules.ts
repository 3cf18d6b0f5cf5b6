import type { catalogue, CatalogueRuleId } from '@haulwatch/domain';
import type { KindRule, Rule } from '../rule.ts';
import { cargoPressure, cargoTemperature, valveOpen } from './cargo.ts';
import { continuousDriving, continuousDrivingWarning } from './continuous-driving.ts';
import { clockSkew, gnssDrift, gnssStuck } from './data-quality.ts';
import { bodyLifted, bodyLiftedMoving, coverOpen, suspiciousDump, suspiciousLoad } from './earthwork.ts';
import { bendSpeed, harshAcceleration, harshBraking, harshCornering } from './manner.ts';
import { concreteAge, drumReverse, drumStoppedLaden } from './mixer.ts';
import { overspeedWarning } from './overspeed-warning.ts';
import { permitViolation, routeDeviation } from './permits.ts';
import { prohibitedHours } from './prohibited-hours.ts';
import { rightTurnNoStop } from './right-turn-no-stop.ts';
import { offline, offlineDisplacement, tamperingSuspected } from './silence.ts';
import { collision, powerCut, rollover } from './terminal-alarms.ts';
import { adas, bsd, dsm, terminalFault, terminalManner, tpms } from './terminal-kinds.ts';
import { dailyDriving, weeklyDriving } from './total-driving.ts';
import { unauthorisedStop } from './unauthorised-stop.ts';

type RuleIdPer<P> = { [R in CatalogueRuleId]: (typeof catalogue)[R]['per'] extends P ? R : never }[CatalogueRuleId];

/** A rule of the catalogue that is not written is an error of the compiler. */
const byVehicle: { readonly [R in RuleIdPer<'vehicle'>]: Rule<R> } = {
  'overspeed-warning': overspeedWarning,
  'continuous-driving': continuousDriving,
  'continuous-driving-warning': continuousDrivingWarning,
  'daily-driving': dailyDriving,
  'weekly-driving': weeklyDriving,
  'prohibited-hours': prohibitedHours,
  'unauthorised-stop': unauthorisedStop,
  'route-deviation': routeDeviation,
  'permit-violation': permitViolation,
  'cover-open': coverOpen,
  'body-lifted': bodyLifted,
  'body-lifted-moving': bodyLiftedMoving,
  'suspicious-dump': suspiciousDump,
  'suspicious-load': suspiciousLoad,
  'right-turn-no-stop': rightTurnNoStop,
  'drum-reverse': drumReverse,
  'drum-stopped-laden': drumStoppedLaden,
  'concrete-age': concreteAge,
  'bend-speed': bendSpeed,
  'cargo-temperature': cargoTemperature,
  'cargo-pressure': cargoPressure,
  'valve-open': valveOpen,
  'harsh-acceleration': harshAcceleration,
  'harsh-braking': harshBraking,
  'harsh-cornering': harshCornering,
  'power-cut': powerCut,
  collision,
  rollover,
  offline,
  'offline-displacement': offlineDisplacement,
  'gnss-drift': gnssDrift,
  'gnss-stuck': gnssStuck,
  'clock-skew': clockSkew,
  'tampering-suspected': tamperingSuspected,
};

const byKind: { readonly [R in RuleIdPer<'kind'>]: KindRule<R> } = {
  'terminal-manner': terminalManner,
  adas,
  dsm,
  tpms,
  bsd,
  'terminal-fault': terminalFault,
};

/**
 * A rule among others. Its thresholds are its own kind's, which a list of different rules cannot say: whoever calls it
 * gives it those that the policy has under its id.
 */
export type AnyRule = {
  readonly id: CatalogueRuleId;
  readonly isTimed?: true;
  readonly isWhereLoaded?: true;
  readonly alarmBit?: number;
  readonly observe: Rule<never>['observe'];
  readonly quiet?: Rule<never>['quiet'];
  readonly tell: Rule['tell'];
};

export const vehicleRules: readonly AnyRule[] = Object.values(byVehicle);
export const kindRules: readonly KindRule[] = Object.values(byKind);
