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
  'unauthorised-stop': {
    term: '违规停车',
    condition: 'standing for longer than `maxS`; a policy says with `outside` where standing is approved',
    source: '危险货物道路运输安全管理办法 (hazmat vehicles stop at approved places); GB/T 35658-2017 6.1.2',
    per: 'vehicle',
    unit: 'min',
    lastsAcrossGaps: true,
    thresholds: { maxS: { about: 'how long it may stand', unit: 's', min: 30, max: 86_400 } },
  },
} as const satisfies RuleSpecs;
