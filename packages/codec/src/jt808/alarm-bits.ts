import type { VendorProfile } from '@haulwatch/domain';
import type { Edition } from './header.ts';

/** Names of the alarm DWORD's bits (报警标志位) as JT/T 808-2013 has them, table 24; an empty one is reserved. */
const names2013 = [
  'sos',
  'overspeed',
  'fatigue',
  'dangerWarning',
  'gnssFault',
  'gnssAntennaOpen',
  'gnssAntennaShort',
  'powerLow',
  'powerLost',
  'displayFault',
  'ttsFault',
  'cameraFault',
  'icCardFault',
  'overspeedWarning',
  'fatigueWarning',
  '',
  '',
  '',
  'dailyDrivingOvertime',
  'parkingOvertime',
  'areaCrossing',
  'routeCrossing',
  'segmentTime',
  'routeDeviation',
  'vssFault',
  'fuelAbnormal',
  'stolen',
  'illegalIgnition',
  'illegalDisplacement',
  'collisionWarning',
  'rolloverWarning',
  'illegalDoorOpening',
] as const;

/** 2011: 预警 in bit 3, and nothing yet in the bits that 2013 filled. */
const names2011 = edited({ 3: 'earlyWarning', 12: '', 13: '', 14: '', 29: '', 30: '', 31: '' });
/** 2019: 危险驾驶行为, 违规行驶, 胎压预警, 右转盲区异常, 碰撞侧翻; the door is gone. */
const names2019 = edited({
  3: 'dangerousDriving',
  15: 'violationDriving',
  16: 'tyrePressure',
  17: 'rightTurnBlindZone',
  29: 'collisionOrRollover',
  31: '',
});
const names: Readonly<Record<Edition, readonly string[]>> = { 2011: names2011, 2013: names2013, 2019: names2019 };

/** The bits that are set, lowest first; a reserved one keeps its number for a name, a vendor's own has the vendor's. */
export function alarmNames(alarmFlags: number, edition: Edition, profiles: readonly VendorProfile[]): string[] {
  const vendors = profiles.map(({ alarmBits = {} }) => alarmBits);
  return bitNames(alarmFlags, vendors.length === 0 ? names[edition] : Object.assign([...names[edition]], ...vendors));
}

/** The bit of an alarm of the standard. */
export function alarmBit(name: string, edition: Edition): number | undefined {
  const bit = names[edition].indexOf(name);
  return bit < 0 || name === '' ? undefined : bit;
}

/** A bit that the edition leaves free: set, it is some vendor's, whatever a later edition calls it. */
export function isReservedAlarm(bit: number, edition: Edition): boolean {
  return names[edition][bit] === '';
}

export function bitNames(flags: number, nameOfBit: readonly string[]): string[] {
  const found: string[] = [];
  for (let bit = 0; bit < 32; bit += 1) {
    if (((flags >>> bit) & 1) === 1) found.push(nameOfBit[bit] || `bit${bit}`);
  }
  return found;
}

function edited(changes: Readonly<Record<number, string>>): string[] {
  return names2013.map((name, bit) => changes[bit] ?? name);
}
