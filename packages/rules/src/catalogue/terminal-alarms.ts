import { alarmFlag } from '../alarm-flags.ts';
import { motion } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** `power-cut` 主电源掉电: while moving. Parked with the main switch off is how trucks are parked. JT/T 808 alarm flag 8. */
export const powerCut: Rule<'power-cut'> = {
  id: 'power-cut',
  observe({ alarmFlags, motion: now }, _, out) {
    if ((alarmFlags & alarmFlag.powerLost) === 0) return;
    // It was cut on the road and the vehicle has come to a stop: that ends nothing, and begins nothing either.
    out.state = now === motion.moving ? 'holds' : 'unknown';
  },
  tell: () => 'main power lost while moving',
};

/** `collision` 碰撞: JT/T 808-2019 alarm flag 29 (碰撞侧翻报警; in 2013 碰撞预警, of vehicles that have the sensor). */
export const collision: Rule<'collision'> = {
  id: 'collision',
  alarmBit: alarmFlag.collision,
  observe({ alarmFlags }, _, out) {
    if ((alarmFlags & alarmFlag.collision) !== 0) out.state = 'holds';
  },
  tell: () => 'the terminal felt a collision or a rollover',
};

/** `rollover` 侧翻: JT/T 808 alarm flag 30 (侧翻预警). */
export const rollover: Rule<'rollover'> = {
  id: 'rollover',
  alarmBit: alarmFlag.rollover,
  observe({ alarmFlags }, _, out) {
    if ((alarmFlags & alarmFlag.rollover) !== 0) out.state = 'holds';
  },
  tell: () => 'the terminal felt the vehicle tilt',
};
