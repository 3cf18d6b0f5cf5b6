import { describe, expect, test } from 'vitest';
import { item } from './_terminal.ts';
import { readItems } from './items.ts';

type Told = readonly [name: string, value: unknown];

function told(list: readonly number[], edition: 2013 | 2019 = 2013, vendorItems?: ReadonlySet<number>): Told[] {
  return readItems(Uint8Array.from(list), edition, vendorItems).map((one) => {
    if (one.kind === 'known') return [one.name, one.value];
    return [`${one.id.toString(16)} ${one.kind === 'raw' ? one.problem : 'vendor'}`, [...one.bytes]];
  });
}

function sensorsOf(list: readonly number[]): object {
  return Object.assign(
    {},
    ...readItems(Uint8Array.from(list), 2019).map((one) => (one.kind === 'known' ? one.sensors : {})),
  );
}

test.each<[string, readonly number[], unknown]>([
  ['mileageKm', item(0x01, 0, 0, 0, 100), 10],
  ['fuelL', item(0x02, 0, 125), 12.5],
  ['recorderSpeedKph', item(0x03, 2, 0x71), 62.5],
  ['manualAlarmId', item(0x04, 1, 0), 256],
  [
    'tyrePressures',
    item(0x05, 8, ...Array.from({ length: 29 }, () => 255)),
    [8, ...Array.from({ length: 29 }, () => null)],
  ],
  ['compartmentTemperatureC', item(0x06, 0, 4), 4],
  ['compartmentTemperatureC', item(0x06, 0x80, 18), -18],
  ['compartmentTemperatureC', item(0x06, 0x80, 0), 0],
  // Two's complement, as the standard does not have it.
  ['compartmentTemperatureC', item(0x06, 0xff, 0xee), -18],
  ['compartmentTemperatureC', item(0x06, 0xff, 0xff), null],
  ['compartmentTemperatureC', item(0x06, 0x7f, 0xff), null],
  ['overspeedArea', item(0x11, 0), { kind: 'none' }],
  ['overspeedArea', item(0x11, 4, 0, 0, 0, 9), { kind: 'segment', id: 9 }],
  ['areaCrossing', item(0x12, 4, 0, 0, 0, 9, 1), { kind: 'route', id: 9, direction: 'out' }],
  ['segmentTime', item(0x13, 0, 0, 0, 9, 1, 4, 1), { segmentId: 9, seconds: 260, result: 'tooLong' }],
  ['videoAlarms', item(0x14, 0, 0, 0, 0b1_0010), ['signalOccluded', 'overcrowded']],
  ['videoSignalLost', item(0x15, 0x80, 0, 0, 1), ['channel1', 'channel32']],
  ['videoOccluded', item(0x16, 0, 0, 0, 2), ['channel2']],
  ['storageFaults', item(0x17, 0x90, 1), ['main1', 'disasterProof1', 'disasterProof4']],
  ['abnormalDriving', item(0x18, 0, 0b110), { behaviours: ['phone', 'smoking'] }],
  ['abnormalDriving', item(0x18, 0x08, 1, 80), { behaviours: ['fatigue', 'bit11'], fatigueDegree: 80 }],
  ['extendedSignals', item(0x25, 0, 0, 0, 0b1_0100), ['rightIndicator', 'brake']],
  ['io', item(0x2a, 0, 3), ['deepSleep', 'sleep']],
  ['analog', item(0x2b, 0, 2, 1, 0), { analog0: 256, analog1: 2 }],
  ['signalStrength', item(0x30, 31), 31],
  ['satellites', item(0x31, 12), 12],
  ['customLength', item(0xe0, 4), 4],
])('%s of %j', (name, list, value) => expect(told(list)).toEqual([[name, value]]));

describe('sensors', () => {
  test.each<[readonly number[], object]>([
    [item(0x06, 0x80, 18), { cargoTemperatureC: -18 }],
    [item(0x06, 0xff, 0xff), {}],
    [item(0x01, 0, 0, 0, 100), {}],
    [item(0x25, 0x80, 0, 0, 4), { extendedSignalsFlags: 0x8000_0004 }],
    [item(0x12, 2, 0, 0, 0, 9, 0), { areaCrossingKind: 'rectangle', areaCrossingId: 9, areaCrossingDirection: 'in' }],
  ])('%j', (list, sensors) => expect(sensorsOf(list)).toEqual(sensors));
});

test('faults of installation and algorithm are of 2019: others have card numbers there', () => {
  const list = item(0xf1, 0, 0, 0, 1);
  expect(told(list, 2019)).toEqual([['installFaults', ['bit0']]]);
  expect(told(list, 2013)).toEqual([['f1 unknown', [0, 0, 0, 1]]]);
});

test("what the vendor's mapping reads is not unknown, and the standard comes first", () => {
  const vendorItems = new Set([0x02, 0x52]);
  expect(told([...item(0x52, 1), ...item(0x02, 0, 125)], 2013, vendorItems)).toEqual([
    ['52 vendor', [1]],
    ['fuelL', 12.5],
  ]);
  expect(told([...item(0x02, 0, 0, 0, 9), 0x52, 4, 1], 2013, vendorItems)).toEqual([
    ['2 vendor', [0, 0, 0, 9]],
    ['52 truncated', [1]],
  ]);
});

describe('what cannot be read costs nothing but itself', () => {
  const good = item(0x31, 7);
  test.each<[string, readonly number[], readonly Told[]]>([
    [
      'unknown',
      [...item(0xe9, 1, 2), ...good],
      [
        ['e9 unknown', [1, 2]],
        ['satellites', 7],
      ],
    ],
    [
      'the same number in more bytes',
      [...item(0x02, 0, 0, 0, 9), ...good],
      [
        ['2 length', [0, 0, 0, 9]],
        ['satellites', 7],
      ],
    ],
    [
      'what a vendor added at the end',
      item(0x12, 1, 0, 0, 0, 9, 1, 77),
      [['areaCrossing', { kind: 'circle', id: 9, direction: 'out' }]],
    ],
    [
      'the end inside an item',
      [...good, 0x02, 2, 1],
      [
        ['satellites', 7],
        ['2 truncated', [1]],
      ],
    ],
    [
      'the end behind an id',
      [...good, 0x02],
      [
        ['satellites', 7],
        ['2 truncated', []],
      ],
    ],
    ['zeros that fill up', [...good, 0, 0, 0, 0, 0], [['satellites', 7]]],
    ['zeros that end an item', item(0x2b, 1, 0, 0, 0), [['analog', { analog0: 0, analog1: 256 }]]],
    ['nothing', [], []],
  ])('%s', (_what, list, expected) => expect(told(list)).toEqual(expected));
});
