import { isNotice, type Fix, type VendorMapping } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { isReject } from '../reject.ts';
import { ascii, bcd, frame, item, location, u16, u32, type FrameParts, type LocationParts } from './_terminal.ts';
import { Jt808Decoder, type Jt808Frame } from './decoder.ts';

const at = Date.UTC(2026, 10, 25, 4, 0, 0);
const positioned = 0x02;

function fixesOf(frames: readonly Jt808Frame[]): (Fix | string)[] {
  return frames.flatMap((one): (Fix | string)[] => {
    if (one.kind !== 'message') return [one.kind === 'part' ? 'part' : `${one.kind} ${one.refusal.reason}`];
    return one.fixes.map(({ parsed }) => (isReject(parsed) ? parsed.reason : parsed));
  });
}

function decodeOne(parts: FrameParts, mapping?: VendorMapping): Fix | string {
  return fixesOf(new Jt808Decoder(mapping).decode(frame(parts)))[0]!;
}

/** The fix of a report. */
function fixOf(parts: LocationParts, edition: 2013 | 2019 = 2013): Fix | string {
  return decodeOne({ edition, body: location(parts) });
}

describe('a location', () => {
  test.each([2013, 2019] as const)('of %d', (edition) => {
    expect(fixOf({}, edition)).toStrictEqual({
      vehicleId: '13800138000',
      fixedAtMs: at,
      lonDeg: 121.4737,
      latDeg: 31.2304,
      speedKph: 62.5,
      headingDeg: 90,
      altitudeM: 12,
      alarmFlags: 0,
      statusFlags: 3,
    });
  });

  test.each<[string, LocationParts, Partial<Fix>]>([
    ['south and west', { statusFlags: positioned | 4 | 8 }, { latDeg: -31.2304, lonDeg: -121.4737 }],
    ['below the sea', { altitudeM: 0xfffe }, { altitudeM: -2 }],
    ['no position', { statusFlags: 1 }, { valid: false, lonDeg: 121.4737 }],
    ['encrypted coordinates', { statusFlags: positioned | 0x20 }, { valid: false }],
    ['a position at 0, 0', { latE6: 0, lonE6: 0 }, { valid: false }],
    [
      'no position, and coordinates that are none',
      { statusFlags: 1, latE6: 0xffff_ffff, lonE6: 0xffff_ffff },
      { valid: false, latDeg: 0, lonDeg: 0 },
    ],
    ['mileage', { items: item(0x01, 0, 0, 0x04, 0xd3) }, { mileageKm: 123.5 }],
    [
      'an alarm',
      { alarmFlags: 0x8000_0003 },
      { alarmFlags: 0x8000_0003, sensors: { alarmNames: 'sos,overspeed,illegalDoorOpening' } },
    ],
  ])('%s', (_what, parts, expected) => expect(fixOf(parts)).toMatchObject(expected));

  test.each<[string, LocationParts, keyof Fix]>([
    ['a speed of FFFF', { speedDkph: 0xffff }, 'speedKph'],
    ['a heading beyond 360', { headingDeg: 400 }, 'headingDeg'],
    ['an altitude of 8000', { altitudeM: 0x8000 }, 'altitudeM'],
    ['a mileage of FFFFFFFF', { items: item(0x01, 255, 255, 255, 255) }, 'mileageKm'],
  ])('%s is none', (_what, parts, field) => expect(fixOf(parts)).not.toHaveProperty(field));

  test('2019 has other names for the alarm bits than 2013', () => {
    expect(fixOf({ alarmFlags: 1 << 17 }, 2019)).toMatchObject({ sensors: { alarmNames: 'rightTurnBlindZone' } });
    expect(fixOf({ alarmFlags: 1 << 17 }, 2013)).toMatchObject({ sensors: { alarmNames: 'bit17' } });
  });

  test.each<[string, LocationParts, string]>([
    ['month 00', { time: '000000000000' }, 'refused time-invalid'],
    ['1 January 2000, a clock that was never set', { time: '000101000000' }, 'refused time-invalid'],
    ['30 February', { time: '260230120000' }, 'refused time-invalid'],
    ['no BCD', { time: '2b1125120000' }, 'refused time-invalid'],
    ['off the earth', { latE6: 91_000_000 }, 'coordinates-out-of-range'],
  ])('%s is refused', (_what, parts, reason) => expect(fixOf(parts)).toBe(reason));

  test('the leap day and the last second of a day in GMT+8', () => {
    expect(fixOf({ time: '240229235959' })).toMatchObject({ fixedAtMs: Date.UTC(2024, 1, 29, 15, 59, 59) });
  });

  test('a body that is too short, an encrypted one', () => {
    expect(decodeOne({ body: location().slice(0, 27) })).toBe('refused body-too-short');
    expect(decodeOne({ encryption: 1, body: location() })).toBe('refused encrypted');
  });

  test.each([0x0201, 0x0500])('in the answer %i to a query or a control has a serial before it', (id) => {
    const [found] = new Jt808Decoder().decode(frame({ id, body: [0, 7, ...location({ items: item(0x31, 9) })] }));
    expect(found).toMatchObject({
      message: { kind: 'location', answers: 7 },
      fixes: [{ parsed: { fixedAtMs: at, lonDeg: 121.4737, sensors: { satellites: 9 } } }],
    });
    expect(decodeOne({ id, body: [0, 7, ...location().slice(0, 27)] })).toBe('refused body-too-short');
    expect(decodeOne({ id, body: [0] })).toBe('refused body-too-short');
  });

  test.each([0x0301, 0x0302, 0x0303])('is in no report %i', (id) => {
    expect(new Jt808Decoder().decode(frame({ id, body: [1, 0] }))).toMatchObject([
      { message: { kind: 'other' }, fixes: [] },
    ]);
  });

  test('the vehicle and the receipt are what the receiver says', () => {
    const frames = new Jt808Decoder().decode(frame({ body: location() }), {
      vehicleId: 'truck-1',
      receivedAtMs: at + 9,
    });
    expect(fixesOf(frames)).toMatchObject([{ vehicleId: 'truck-1', receivedAtMs: at + 9 }]);
  });

  test('a wrong length is let pass where the location is whole', () => {
    const bytes = frame({ body: location({ items: item(0x31, 9) }) });
    // 0x1F bytes of body become 0x1B, and the checksum knows it.
    bytes[4]! ^= 4;
    bytes[bytes.length - 2]! ^= 4;
    expect(new Jt808Decoder().decode(bytes)).toMatchObject([
      { kind: 'message', isLengthWrong: true, fixes: [{ parsed: { fixedAtMs: at, sensors: { satellites: 9 } } }] },
    ]);
  });
});

describe('the emergency button', () => {
  const pressed: LocationParts = { alarmFlags: 1, time: '000000000000' };
  const received = { receivedAtMs: at + 5 };

  test('is heard in a report without a time, at its receipt', () => {
    const [found] = new Jt808Decoder().decode(frame({ body: location(pressed) }), received);
    expect(found).toMatchObject({
      kind: 'message',
      message: { kind: 'broken', reason: 'time-invalid' },
      fixes: [{ parsed: { reason: 'field-range', salvage: { fixedAtMs: at + 5, alarmFlags: 1 } } }],
    });
  });

  test('is nothing to be heard where nobody knows when, or nobody presses it', () => {
    const decoder = new Jt808Decoder();
    expect(fixesOf(decoder.decode(frame({ body: location(pressed) })))).toEqual(['refused time-invalid']);
    const body = location({ ...pressed, alarmFlags: 2 });
    expect(fixesOf(decoder.decode(frame({ body }), received))).toEqual(['refused time-invalid']);
  });

  test('is heard off the earth', () => {
    const [found] = new Jt808Decoder().decode(frame({ body: location({ alarmFlags: 1, latE6: 91_000_000 }) }));
    expect(found).toMatchObject({
      fixes: [{ parsed: { reason: 'coordinates-out-of-range', salvage: { fixedAtMs: at } } }],
    });
  });
});

describe('a batch', () => {
  const one = location({ time: '261125110000' });
  const two = location({ time: '261125110010', items: item(0x31, 7) });
  const batch = (count: number, type: number, ...list: readonly (readonly number[])[]): number[] => [
    ...u16(count),
    type,
    ...list.flatMap((body) => [...u16(body.length), ...body]),
  ];

  test.each([
    [0, undefined],
    [1, true],
  ])('of type %d', (type, blindZone) => {
    const fixes = fixesOf(new Jt808Decoder().decode(frame({ id: 0x0704, body: batch(2, type, one, two) })));
    expect(fixes).toMatchObject([
      { fixedAtMs: at - 3_600_000 },
      { fixedAtMs: at - 3_590_000, sensors: { satellites: 7 } },
    ]);
    expect(fixes.map((fix) => (fix as Fix).blindZone)).toEqual([blindZone, blindZone]);
  });

  test.each<[string, readonly number[], readonly unknown[]]>([
    [
      'a broken one between good ones',
      batch(3, 0, one, location({ time: '261325110000' }), two),
      [{}, 'field-range', {}],
    ],
    ['one that is missing', batch(2, 0, one), [{}, 'frame-truncated']],
    ['one that is cut off in its items', batch(2, 0, one, two).slice(0, -1), [{}, {}]],
    ['one that is cut off before', batch(2, 0, one, two).slice(0, -9), [{}, 'frame-truncated']],
    ['more than told', batch(1, 0, one, two), [{}, {}]],
    ['none', batch(0, 0), []],
    ['half a head', [0], ['frame-truncated']],
  ])('%s', (_what, body, expected) => {
    const fixes = fixesOf(new Jt808Decoder().decode(frame({ id: 0x0704, body })));
    expect(fixes).toHaveLength(expected.length);
    expect(fixes.map((fix) => (typeof fix === 'string' ? fix : {}))).toEqual(expected);
  });
});

describe('a message in parts', () => {
  const locations = Array.from({ length: 3 }, (_, i) => location({ time: `26112511000${i}` }));
  const body = [0, 3, 1, ...locations.flatMap((one) => [...u16(one.length), ...one])];
  const parts = [body.slice(0, 10), body.slice(10, 50), body.slice(50)];
  const part = (index: number, serial = 100 + index, phone = '1'): Uint8Array =>
    frame({ id: 0x0704, phone, serial, part: { total: 3, index }, body: parts[index - 1]! });
  const feed = (...frames: readonly Uint8Array[]): (Fix | string)[] => {
    const decoder = new Jt808Decoder();
    return [...frames.flatMap((bytes) => fixesOf(decoder.decode(bytes))), ...fixesOf(decoder.end())];
  };
  const whole = [{ blindZone: true }, { blindZone: true }, { blindZone: true }];

  test.each<[string, readonly Uint8Array[], readonly unknown[]]>([
    ['in order', [part(1), part(2), part(3)], ['part', 'part', ...whole]],
    ['out of order', [part(3), part(1), part(2)], ['part', 'part', ...whole]],
    ['with one told twice', [part(1), part(1), part(2), part(3)], ['part', 'part', 'part', ...whole]],
    ['over the end of the serials', [part(1, 0xffff), part(2, 0), part(3, 1)], ['part', 'part', ...whole]],
    ['under one serial', [part(1, 5), part(2, 5), part(3, 5)], ['part', 'part', ...whole]],
    [
      'of two terminals',
      [part(1), part(1, 7, '2'), part(2), part(3)],
      ['part', 'part', 'part', ...whole, 'lost parts-missing'],
    ],
    ['with one missing', [part(1), part(3)], ['part', 'part', 'lost parts-missing']],
  ])('%s', (_what, frames, expected) => {
    const found = feed(...frames);
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(expected.length);
  });

  test.each([
    [1, 0],
    [3, 4],
    [0, 0],
    [65, 1],
  ])('part %#: of %d the %dth is refused', (total, index) => {
    expect(feed(frame({ id: 0x0704, part: { total, index }, body }))).toEqual(['refused parts-wrong']);
  });

  test('is given up by the receipts', () => {
    const decoder = new Jt808Decoder();
    decoder.decode(part(1), { receivedAtMs: at });
    const later = decoder.decode(part(2), { receivedAtMs: at + 3_600_000 });
    expect(fixesOf(later)).toEqual(['lost parts-missing', 'part']);
  });
});

describe('the driver', () => {
  const name = [0xd5, 0xc5, 0xc8, 0xfd];
  const driver = (licence: string, padded = ascii(licence, 20)): number[] => [
    name.length,
    ...name,
    ...padded,
    2,
    0xbb,
    0xa6,
    ...bcd('20301231'),
  ];
  const card = (status: number, time: string, ...rest: readonly number[]): FrameParts => ({
    id: 0x0702,
    body: [status, ...bcd(time), ...rest],
  });
  const put = (licence: string, time = '261125100000'): FrameParts => card(1, time, 0, ...driver(licence));
  const report = (time = '261125120000', phone = '13800138000'): FrameParts => ({ phone, body: location({ time }) });
  const drivers = (...list: readonly FrameParts[]): (string | undefined)[] => {
    const decoder = new Jt808Decoder();
    return list.flatMap((parts) => fixesOf(decoder.decode(frame(parts)))).map((fix) => (fix as Fix).driverId);
  };

  test.each<[string, readonly FrameParts[], readonly (string | undefined)[]]>([
    ['before any card', [report(), put('A1')], [undefined]],
    ['after a card', [put('A1'), report(), report()], ['A1', 'A1']],
    ['of another terminal', [put('A1'), report('261125120000', '2')], [undefined]],
    ['after another card', [put('A1'), put('B2'), report()], ['B2']],
    ['of a report that was made before', [put('A1'), report('261125095959')], [undefined]],
    ['after the card is out', [put('A1'), card(2, '261125110000'), report()], [undefined]],
    ['after a card that cannot be read', [put('A1'), card(1, '261125110000', 2), report()], [undefined]],
    [
      'whose number is filled up from the left',
      [card(1, '261125100000', 0, ...driver('', [...ascii('', 18), 0x41, 0x37])), report()],
      ['A7'],
    ],
    ['without a number, by name', [put(''), report()], ['张三']],
    ['whose card has no time', [put('A1', '000000000000'), report()], ['A1']],
  ])('%s', (_what, list, expected) => expect(drivers(...list)).toEqual(expected));

  describe('by 2011, which knows no status and no time', () => {
    const body = [name.length, ...name, ...ascii('310101199001011234', 20), ...ascii('3101000120', 40), 2, 0xbb, 0xa6];
    const of2011 = (bytes: readonly number[]): FrameParts => ({ id: 0x0702, body: bytes });

    test('is told whole, and drives from then on', () => {
      const told = { name: '张三', licence: '3101000120', issuer: '沪', idNumber: '310101199001011234' };
      expect(new Jt808Decoder().decode(frame(of2011(body)))).toMatchObject([
        { message: { kind: 'driver', status: 'in', driver: told } },
      ]);
      expect(drivers(report(), of2011(body), report())).toEqual([undefined, '3101000120']);
      expect(drivers(put('A1'), of2011(body), report())).toEqual(['3101000120']);
    });

    test.each([
      ['a byte less', body.slice(0, -1)],
      ['a byte more', [...body, 0]],
      ['no name', [0, ...body.slice(1 + name.length)]],
    ])('%s is another message', (_what, bytes) => {
      expect(new Jt808Decoder().decode(frame(of2011(bytes)))).toMatchObject([{ message: { kind: 'other' } }]);
      expect(drivers(of2011(bytes), report())).toEqual([undefined]);
    });
  });

  test('is told whole, with the identity card of 2019', () => {
    const body = [1, ...bcd('261125100000'), 0, ...driver('A1'), ...ascii('310101199001011234', 20)];
    expect(new Jt808Decoder().decode(frame({ id: 0x0702, edition: 2019, body }))).toMatchObject([
      {
        message: {
          kind: 'driver',
          status: 'in',
          driver: { name: '张三', licence: 'A1', issuer: '沪', expires: '20301231', idNumber: '310101199001011234' },
        },
      },
    ]);
  });
});

describe('a registration', () => {
  const plate = [0xbb, 0xa6, ...ascii('A12345')];
  const body = (maker: number, model: number, id: number): number[] => [
    ...u16(31),
    ...u16(115),
    ...ascii('MK', maker),
    ...ascii('GF-06', model),
    ...ascii('T1', id),
    2,
    ...plate,
  ];

  test.each([
    [2011, body(5, 8, 7)],
    [2013, body(5, 20, 7)],
    [2019, body(11, 30, 30)],
  ] as const)('of %d', (edition, bytes) => {
    const decoder = new Jt808Decoder();
    const registered = decoder.decode(frame({ id: 0x0100, edition, body: bytes }));
    const expected = {
      edition,
      province: 31,
      city: 115,
      maker: 'MK',
      model: 'GF-06',
      terminalId: 'T1',
      plateColour: 2,
    };
    expect(registered).toMatchObject([{ message: { kind: 'registration', ...expected, plate: '沪A12345' } }]);
    // From then on its alarms have the names of its edition.
    const [found] = fixesOf(decoder.decode(frame({ edition, body: location({ alarmFlags: 8 }) })));
    const name = { 2011: 'earlyWarning', 2013: 'dangerWarning', 2019: 'dangerousDriving' }[edition];
    expect(found).toMatchObject({ sensors: { alarmNames: name } });
  });

  test('tells which alarm bits mean nothing: 2011 has no card reader, collision and rollover', () => {
    const flags = (1 << 30) | (1 << 29) | (1 << 12) | 1;
    const [of2013, of2011] = [body(5, 20, 7), body(5, 8, 7)].map((bytes) => {
      const decoder = new Jt808Decoder();
      decoder.decode(frame({ id: 0x0100, body: bytes }));
      return fixesOf(decoder.decode(frame({ body: location({ alarmFlags: flags }) })))[0];
    });
    expect(of2013).toMatchObject({ alarmFlags: flags });
    expect(of2011).toMatchObject({
      alarmFlags: 1,
      sensors: { alarmNames: 'sos,bit12,bit29,bit30', alarmFlagsRaw: flags },
    });
  });

  test('tells which vendor profile is for the terminal', () => {
    const mapping: VendorMapping = [
      { name: 'trackers', terminals: { models: ['GF-06'] }, alarmBits: { 15: 'vibration', 18: 'powerLow' } },
    ];
    const decoder = new Jt808Decoder(mapping);
    const report = frame({ body: location({ alarmFlags: (1 << 15) | (1 << 18) | 2 }) });
    // 2013 reserves bit 15.
    expect(fixesOf(decoder.decode(report))).toMatchObject([{ alarmFlags: (1 << 18) | 2 }]);
    decoder.decode(frame({ id: 0x0100, body: body(5, 20, 7) }));
    expect(fixesOf(decoder.decode(report))).toMatchObject([
      {
        alarmFlags: (1 << 7) | 2,
        sensors: { alarmNames: 'overspeed,vibration,powerLow', alarmFlagsRaw: (1 << 15) | (1 << 18) | 2 },
      },
    ]);
  });
});

describe('other messages', () => {
  test.each<[number, readonly number[], string]>([
    [0x0001, [0, 1, 0x82, 1, 0], 'ack'],
    [0x0001, [0], 'other'],
    [0x0002, [], 'other'],
    [0x0102, ascii('code'), 'authentication'],
    [0x0702, [9], 'other'],
    [0x0900, [0xf8, 1], 'other'],
    [0x8300, [1, 2], 'other'],
    [0xe001, [1], 'unknown'],
  ])('%i', (id, body, kind) => {
    expect(new Jt808Decoder().decode(frame({ id, body }))).toMatchObject([{ kind: 'message', message: { kind } }]);
  });
});

test('peripherals become events of the fix', () => {
  const bytes = [
    ...u32(7),
    1,
    2,
    2,
    30,
    15,
    1,
    0,
    0,
    60,
    ...u16(5),
    ...u32(31_230_400),
    ...u32(121_473_700),
    ...bcd('261125120000'),
    ...u16(0x401),
    ...ascii('T1', 7),
    ...bcd('261125120000'),
    3,
    4,
    0,
    0,
  ];
  const fix = fixOf({ items: [...item(0x64, ...bytes), ...item(0x18, 0, 1, 80)] });
  expect(fix).toMatchObject({ terminalEvents: [{ code: 0x6402, level: 2, state: 1 }], alarmFlags: 0 });
  expect(isNotice(0x6402)).toBe(false);
});
