import { alarmFlag } from '../alarm-flags.ts';
import { motion } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** `offline` 离线: nothing is heard. Source: 道路运输车辆动态监督管理办法 (vehicles stay online); our choice of numbers. */
export const offline: Rule<'offline'> = {
  id: 'offline',
  isTimed: true,
  observe(facts, { movingS, parkedS }, out) {
    const maxS = facts.motion === motion.moving ? movingS : parkedS;
    if (facts.silentMs < maxS * 1_000) return;
    out.state = 'holds';
    out.value = Math.floor(facts.silentMs / 60_000);
    out.limit = maxS / 60;
    out.fromMs = facts.lastAtMs;
  },
  tell: ({ value, limit }) => `nothing heard for ${value} min, at most ${limit}`,
};

/**
 * `offline-displacement` 离线位移: heard again far from where it fell silent; told at the first fix after it.
 * Source: Hunan's list of indicators (危货车辆离线位移); our choice of numbers.
 */
export const offlineDisplacement: Rule<'offline-displacement'> = {
  id: 'offline-displacement',
  observe(facts, { silentMinS, movedMinM }, out) {
    // Infinity: it has never been heard of before. NaN: nobody knows where it was.
    const wasSilent = facts.sinceMs >= silentMinS * 1_000 && facts.sinceMs !== Infinity;
    if (!wasSilent || !(facts.movedM > movedMinM)) return;
    out.state = 'holds';
    out.value = Math.round(facts.movedM);
    out.limit = movedMinM;
    out.fromMs = facts.lastAtMs;
  },
  tell: ({ value }) => `moved ${value} m while nothing was heard`,
};

const cut = alarmFlag.powerLost | alarmFlag.gnssAntennaOpen | alarmFlag.gnssAntennaShort;

/**
 * `tampering-suspected` 疑似人为干扰: fell silent on the road, its last word being that power or antenna were cut.
 * Source: 道路运输车辆动态监督管理办法 第三十七条 (2022); our choice of the signs.
 */
export const tamperingSuspected: Rule<'tampering-suspected'> = {
  id: 'tampering-suspected',
  isTimed: true,
  observe(facts, { silentS }, out) {
    const isSilent = facts.silentMs >= silentS * 1_000;
    if (!isSilent || facts.motion !== motion.moving || (facts.alarmFlags & cut) === 0) return;
    out.state = 'holds';
    out.fromMs = facts.lastAtMs;
  },
  tell: () => 'fell silent on the road after its power or antenna was cut',
};
