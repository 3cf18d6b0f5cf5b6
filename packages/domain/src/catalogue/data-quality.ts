import type { RuleSpecs } from './rule-spec.ts';

/** Whether what is told can be believed: for the regulator's indicators first. */
export const dataQuality = {
  offline: {
    term: '离线',
    condition: 'nothing heard for `movingS` when it was moving, for `parkedS` when it stood',
    source: '道路运输车辆动态监督管理办法 (vehicles stay online); our choice of numbers',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: {
      movingS: { about: 'silence of a vehicle that was moving', unit: 's', min: 60, max: 604_800 },
      parkedS: { about: 'silence of a vehicle that stood', unit: 's', min: 60, max: 2_592_000 },
    },
  },
  'offline-displacement': {
    term: '离线位移',
    condition: 'heard again after `silentMinS`, more than `movedMinM` from where it fell silent',
    source: 'Hunan’s list of indicators (危货车辆离线位移); our choice of numbers',
    per: 'vehicle',
    unit: 'm',
    lastsAcrossGaps: true,
    thresholds: {
      silentMinS: { about: 'shorter silence is a tunnel', unit: 's', min: 60, max: 86_400 },
      movedMinM: { about: 'more than drift', unit: 'm', min: 100, max: 1_000_000 },
    },
  },
  'gnss-drift': {
    term: '定位漂移',
    condition: 'between two positions lies more than a vehicle at `maxKph` could have driven',
    source: '交运发〔2016〕160号 考核表 (drift vehicles); note ④ (0-160 km/h)',
    per: 'vehicle',
    unit: 'km/h',
    lastsAcrossGaps: false,
    thresholds: { maxKph: { about: 'faster than any vehicle', unit: 'km/h', min: 80, max: 1_000 } },
  },
  'gnss-stuck': {
    term: '定位不更新',
    condition: 'the position stays the same to the last digit while the speed is above `aboveKph`',
    source: 'our choice: a receiver that repeats its last position hides where the vehicle is',
    per: 'vehicle',
    unit: 'km/h',
    lastsAcrossGaps: false,
    thresholds: { aboveKph: { about: 'a speed that moves the position', unit: 'km/h', min: 3, max: 120 } },
  },
  'clock-skew': {
    term: '终端时钟异常',
    condition: 'a fix is stamped so far ahead of its receipt that it is refused (`time.clockAheadMaxS`)',
    source: '交运发〔2016〕160号 考核表注④ (time no later than now)',
    per: 'vehicle',
    unit: 's',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  'tampering-suspected': {
    term: '疑似人为干扰',
    condition: 'silent for `silentS` after it was moving with its power lost or its antenna cut',
    source: '道路运输车辆动态监督管理办法 第三十七条 (2022: interfering with the terminal)',
    per: 'vehicle',
    lastsAcrossGaps: true,
    thresholds: { silentS: { about: 'silence after the cut', unit: 's', min: 10, max: 86_400 } },
  },
} as const satisfies RuleSpecs;
