import type { RuleSpecs } from './rule-spec.ts';

/** Where a vehicle is or stands. */
export const places = {
  'fence-enter': {
    term: '进区域',
    condition: 'inside a fence that asks for it, having been seen outside before; it lasts as long as the stay',
    source: 'JT/T 808-2019 alarm flag 20, item 0x12',
    per: 'fence',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  'fence-exit': {
    term: '出区域',
    condition: 'outside a fence that asks for it, having been seen inside before; over when told',
    source: 'JT/T 808-2019 alarm flag 20, item 0x12',
    per: 'fence',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  'zone-dwell': {
    term: '区域超时停留',
    condition: 'inside a fence for longer than its `dwellMaxS`',
    source: 'GB/T 35658-2017 6.1.2 (超时停车); JT/T 808-2019 alarm flag 19',
    per: 'fence',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  'zone-crowding': {
    term: '区域聚集',
    condition:
      'more vehicles than the fence’s `crowdMax` have entered it and not left: counted where all partitions meet, from fence-enter',
    source: 'our choice: dangerous goods that meet in one place are a greater danger than each of them',
    per: 'fence',
    unit: 'vehicles',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  'unauthorised-stop': {
    term: '违规停车',
    condition: 'standing for longer than `maxS`; a policy says with `outside` where standing is approved',
    source: 'GB/T 35658-2017 6.1.2 (超时停车); that hazmat vehicles stand at approved places alone is our choice',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: { maxS: { about: 'how long it may stand', unit: 's', min: 30, max: 86_400 } },
  },
  'route-deviation': {
    term: '偏离路线',
    condition:
      'moving outside of all routes of its permits that hold now, and more than `minDistanceM` since it left them',
    source: 'JT/T 808-2019 alarm flag 23; 上海市道路交通管理条例 第五十九条 (muck trucks keep to the approved route)',
    per: 'vehicle',
    unit: 'm',
    lastsAcrossGaps: false,
    thresholds: {
      minDistanceM: { about: 'driven off the route before anybody is told', unit: 'm', min: 0, max: 100_000 },
    },
  },
  'permit-violation': {
    term: '无证运输',
    condition: 'moving without a permit that holds now: none, expired, or at other hours',
    source: '上海市市容环境卫生管理条例 第四十四条; 上海市道路交通管理条例 第五十九条 (approved route and time)',
    per: 'vehicle',
    lastsAcrossGaps: false,
    thresholds: {},
  },
} as const satisfies RuleSpecs;
