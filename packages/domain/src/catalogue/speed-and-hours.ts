import type { RuleSpecs } from './rule-spec.ts';

const day = 86_400;

/** Speed and working hours. */
export const speedAndHours = {
  'overspeed-warning': {
    term: '超速预警',
    condition: 'less than `belowKph` under the limit that applies, and not over it',
    source: 'JT/T 808-2019 alarm flag 13, parameter 0x005B',
    per: 'vehicle',
    unit: 'km/h',
    lastsAcrossGaps: false,
    thresholds: { belowKph: { about: 'how far under the limit the warning begins', unit: 'km/h', min: 0, max: 50 } },
  },
  'continuous-driving': {
    term: '连续驾驶超时',
    condition: 'driven for more than `dayMaxS`, or `nightMaxS` of it at night, without a rest (`motion.restMinS`)',
    source: '道路交通安全法实施条例 第六十二条(七); 道路运输车辆动态监督管理办法 (coach at night 2 h)',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: {
      dayMaxS: { about: 'the longest that may be driven without a rest', unit: 's', min: 60, max: day },
      nightMaxS: { about: 'the longest of it that may be at night', unit: 's', min: 60, max: day },
    },
  },
  'continuous-driving-warning': {
    term: '疲劳驾驶预警',
    condition: 'less than `aheadS` to go until continuous-driving holds, under the same `dayMaxS` and `nightMaxS`',
    source: 'JT/T 808-2019 alarm flag 14, parameter 0x005C',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: {
      dayMaxS: { about: 'as for continuous-driving', unit: 's', min: 60, max: day },
      nightMaxS: { about: 'as for continuous-driving', unit: 's', min: 60, max: day },
      aheadS: { about: 'how long before the limit the driver is warned', unit: 's', min: 0, max: day },
    },
  },
  'daily-driving': {
    term: '累计驾驶超时',
    condition:
      'driven by one driver for more than `maxS` within the last 24 hours, counted in whole hours of the clock',
    source: '道路运输车辆动态监督管理办法 (a passenger driver at most 8 h in 24 h)',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: { maxS: { about: 'the longest that may be driven in 24 hours', unit: 's', min: 60, max: day } },
  },
  'weekly-driving': {
    term: '一周累计驾驶超时',
    condition: 'driven by one driver for more than `maxS` within the last 7 days, counted in whole hours of the clock',
    source: '道路旅客运输企业安全管理规范 第三十八条 (at most 44 h in 7 days)',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: { maxS: { about: 'the longest that may be driven in 7 days', unit: 's', min: 60, max: 7 * day } },
  },
  'prohibited-hours': {
    term: '禁行时段行驶',
    condition: 'moving while its hours are open; a policy says whose hours and, with `within`, on which roads',
    source:
      '道路旅客运输企业安全管理规范 第三十八条 (coach 02:00-05:00); 危险货物道路运输安全管理办法 第四十九条 (expressways 0-6 h)',
    per: 'vehicle',
    lastsAcrossGaps: false,
    thresholds: {},
  },
} as const satisfies RuleSpecs;
