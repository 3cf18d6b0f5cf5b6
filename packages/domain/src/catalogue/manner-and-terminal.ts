import type { RuleSpecs } from './rule-spec.ts';

const harshThresholds = {
  maxMss: { about: 'acceleration', unit: 'm/s²', min: 0.5, max: 20 },
  aboveKph: { about: 'slower than this nothing is judged', unit: 'km/h', min: 0, max: 120 },
  gapMaxS: { about: 'two fixes further apart say nothing', unit: 's', min: 1, max: 10 },
} as const;

/** How it is driven, and what the terminal itself alarms of. */
export const mannerAndTerminal = {
  'harsh-acceleration': {
    term: '急加速',
    condition: 'speed rises by more than `maxMss` between two fixes no more than `gapMaxS` apart, above `aboveKph`',
    source: 'our choice: what terminals report by themselves as item 0x70 type 1, for those that do not',
    per: 'vehicle',
    unit: 'm/s²',
    lastsAcrossGaps: false,
    thresholds: harshThresholds,
  },
  'harsh-braking': {
    term: '急减速',
    condition:
      'speed falls by more than `maxMss` between two fixes no more than `gapMaxS` apart, from above `aboveKph`',
    source: 'our choice: what terminals report by themselves as item 0x70 type 2, for those that do not',
    per: 'vehicle',
    unit: 'm/s²',
    lastsAcrossGaps: false,
    thresholds: harshThresholds,
  },
  'harsh-cornering': {
    term: '急转弯',
    condition: 'lateral acceleration above `maxMss` between two fixes no more than `gapMaxS` apart, above `aboveKph`',
    source: 'our choice: what terminals report by themselves as item 0x70 type 3, for those that do not',
    per: 'vehicle',
    unit: 'm/s²',
    lastsAcrossGaps: false,
    thresholds: harshThresholds,
  },
  'terminal-manner': kind(
    '激烈驾驶',
    'item 0x70: the terminal found aggressive driving',
    'a vendors’ item beside those of T/JSATL 12-2017, as open terminal software reads it',
  ),
  adas: kind(
    '高级驾驶辅助报警',
    'item 0x64: forward collision, lane departure and the like',
    'T/JSATL 12-2017 item 0x64',
  ),
  dsm: kind('驾驶员状态监测报警', 'item 0x65: fatigue, phone, smoking and the like', 'T/JSATL 12-2017 item 0x65'),
  tpms: kind('胎压监测报警', 'item 0x66: a tyre', 'T/JSATL 12-2017 item 0x66'),
  bsd: kind('盲区监测报警', 'item 0x67: somebody beside or behind', 'T/JSATL 12-2017 item 0x67'),
  'terminal-fault': kind(
    '终端故障',
    'a fault of GNSS, power, camera, display and the like among the alarm flags',
    'JT/T 808-2019 alarm flags 4-7, 9-12, 24',
  ),
  'power-cut': {
    term: '主电源掉电',
    condition: 'alarm flag 8, main power lost, while moving',
    source: 'JT/T 808-2019 alarm flag 8',
    per: 'vehicle',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  collision: {
    term: '碰撞',
    condition: 'alarm flag 29: the terminal felt a collision',
    source: 'JT/T 808-2019 alarm flag 29, parameter 0x005D',
    per: 'vehicle',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  rollover: {
    term: '侧翻',
    condition: 'alarm flag 30: the terminal felt it tilt',
    source: 'JT/T 808-2019 alarm flag 30, parameter 0x005E',
    per: 'vehicle',
    lastsAcrossGaps: true,
    thresholds: {},
  },
} as const satisfies RuleSpecs;

function kind<T extends string, C extends string, S extends string>(term: T, condition: C, source: S) {
  return { term, condition, source, per: 'kind', lastsAcrossGaps: true, thresholds: {} } as const;
}
