import type { TerminalEvent } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { ascii, bcd, item, u16, u32 } from './_terminal.ts';
import { readItems } from './items.ts';

const place = [60, ...u16(5), ...u32(31_230_400), ...u32(121_473_700), ...bcd('261125120000'), ...u16(0x401)];
const ident = {
  subiao: [...ascii('T1', 7), ...bcd('261125120000'), 3, 4, 0],
  yuebiao: [...ascii('T1', 30), ...bcd('261125120000'), 3, 4, 0, 0],
};
const told = {
  speedKph: 60,
  altitudeM: 5,
  latDeg: 31.2304,
  lonDeg: 121.4737,
  time: '2026-11-25T12:00:00+08:00',
  vehicleStatusFlags: 0x401,
};
const identTold = { terminalId: 'T1', identTime: '2026-11-25T12:00:00+08:00', sequence: 3, attachments: 4 };

function read(
  id: number,
  bytes: readonly number[],
): { readonly value: unknown; readonly events: readonly TerminalEvent[] } | string {
  const [one] = readItems(Uint8Array.from(item(id, ...bytes)), 2013);
  if (one!.kind === 'known') return { value: one!.value, events: one!.events ?? [] };
  return one!.kind === 'raw' ? one!.problem : 'vendor';
}

describe.each([
  ['subiao', 47, 41],
  ['yuebiao', 71, 65],
] as const)('%s', (edition, longBytes, shortBytes) => {
  const end = [...place, ...ident[edition]];

  test('ADAS', () => {
    const bytes = [...u32(7), 1, 1, 2, 30, 15, 0, 1, 80, ...end];
    expect(bytes).toHaveLength(longBytes);
    expect(read(0x64, bytes)).toEqual({
      value: {
        alarmId: 7,
        state: 1,
        type: 1,
        level: 2,
        frontSpeedKph: 30,
        distanceDs: 15,
        deviation: 0,
        signType: 1,
        signData: 80,
        ...told,
        ...identTold,
      },
      events: [{ code: 0x6401, level: 2, state: 1 }],
    });
  });

  test('DSM', () => {
    const bytes = [...u32(8), 2, 1, 1, 9, 0, 0, 0, 0, ...end];
    expect(bytes).toHaveLength(longBytes);
    expect(read(0x65, bytes)).toEqual({
      value: { alarmId: 8, state: 2, type: 1, level: 1, fatigueDegree: 9, ...told, ...identTold },
      events: [{ code: 0x6501, level: 1, state: 2 }],
    });
  });

  test('BSD has no level', () => {
    const bytes = [...u32(9), 1, 3, ...end];
    expect(bytes).toHaveLength(shortBytes);
    expect(read(0x67, bytes)).toEqual({
      value: { alarmId: 9, state: 1, type: 3, ...told, ...identTold },
      events: [{ code: 0x6703, level: 0, state: 1 }],
    });
  });

  test('aggressive driving', () => {
    expect(read(0x70, [...u32(9), 0, 2, ...u16(5), ...u16(45), ...u16(0), ...end])).toMatchObject({
      value: { thresholdS: 5, threshold1: 45, threshold2: 0, ...told },
      events: [{ code: 0x7002, level: 0, state: 0 }],
    });
  });

  test.each([
    ['a byte for the position', (position: number) => [position]],
    ['two bytes for the position', (position: number) => [0, position]],
    ['two bytes, the first for the position', (position: number) => [position, 0]],
  ])('tyres, %s', (_what, positionOf) => {
    // High and hot; low and leaking; only the periodic report.
    const tyres = [
      [0, 0b1010, 900, 95],
      [3, 0b100_0100, 300, 0xfff6],
      [4, 1, 800, 20],
    ] as const;
    const list = tyres.flatMap(([at, alarms, kpa, degrees]) => [
      ...positionOf(at),
      ...u16(alarms),
      ...u16(kpa),
      ...u16(degrees),
      ...u16(77),
    ]);
    const found = read(0x66, [...u32(1), 1, ...place, ...ident[edition], tyres.length, ...list]);
    expect(found).toMatchObject({
      value: {
        ...told,
        ...identTold,
        tyres: [
          { position: 0, alarms: 10, pressureKpa: 900, temperatureC: 95, batteryPercent: 77 },
          { position: 3, temperatureC: -10 },
          { position: 4 },
        ],
      },
    });
    const codes = [0x6601, 0x6602, 0x6603, 0x6604, 0x6607];
    expect((found as { events: unknown }).events).toEqual(codes.map((code) => ({ code, level: 0, state: 1 })));
  });

  test('a position of two bytes that are both something is told whole', () => {
    const bytes = [...u32(1), 1, ...place, ...ident[edition], 1, 2, 5, ...u16(2), ...u16(900), ...u16(20), ...u16(77)];
    expect(read(0x66, bytes)).toMatchObject({ value: { tyres: [{ position: 0x205, alarms: 2, pressureKpa: 900 }] } });
  });

  test('no tyres', () => {
    expect(read(0x66, [...u32(1), 1, ...place, ...ident[edition], 0])).toMatchObject({
      value: { tyres: [] },
      events: [],
    });
  });
});

describe('what vendors send', () => {
  const head = [...u32(7), 1, 2, 1, 0, 0, 0, 0, 0];

  test('an ident of another length leaves the alarm whole', () => {
    for (const length of [0, 10, 20, 60]) {
      const bytes = [...head, ...place, ...Array.from({ length }, () => 1)];
      expect(read(0x64, bytes)).toMatchObject({ value: told, events: [{ code: 0x6402, level: 1, state: 1 }] });
    }
  });

  test('an alarm that is cut off is none', () => expect(read(0x64, [...head, ...place].slice(0, -1))).toBe('length'));
  test('levels and states that no table has are none', () => {
    expect(read(0x64, [...head.with(4, 9).with(6, 7), ...place])).toMatchObject({ events: [{ level: 0, state: 0 }] });
  });
  test('type 0 is no alarm', () => expect(read(0x64, [...head.with(5, 0), ...place])).toMatchObject({ events: [] }));
  test('tyres that fit no size of entry', () => {
    expect(read(0x66, [...u32(1), 1, ...place, ...ident.subiao, 2, 1, 2, 3])).toBe('length');
  });
});
