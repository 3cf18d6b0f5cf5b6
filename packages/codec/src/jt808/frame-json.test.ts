import { expect, test } from 'vitest';
import { ascii, frame, item, location, type FrameParts } from './_terminal.ts';
import { Jt808Decoder } from './decoder.ts';
import { frameJson } from './frame-json.ts';
import { bytesOfHex, hexOf, idText } from './hex.ts';

function told(parts: FrameParts): object {
  return JSON.parse(JSON.stringify(new Jt808Decoder().decode(frame(parts)).map(frameJson))) as object;
}

const head = { edition: 2013, phone: '013800138000', serial: 1 };

test('a location in words', () => {
  const items = [...item(0x31, 7), ...item(0x52, 2), ...item(0x02, 1)];
  expect(told({ body: location({ alarmFlags: 1 << 30, statusFlags: 0x303, items }) })).toEqual([
    {
      ...head,
      id: '0200',
      name: 'location',
      location: {
        time: '2026-11-25T12:00:00+08:00',
        lonDeg: 121.4737,
        latDeg: 31.2304,
        altitudeM: 12,
        speedKph: 62.5,
        headingDeg: 90,
        alarmFlags: 1 << 30,
        alarms: ['rolloverWarning'],
        statusFlags: 0x303,
        status: ['accOn', 'positioned', 'loadFull'],
        items: [
          { id: '31', name: 'satellites', value: 7 },
          { id: '52', name: 'vendor', hex: '02' },
          { id: '02', unread: 'length', hex: '01' },
        ],
      },
      fixes: [expect.objectContaining({ sensors: { alarmNames: 'rolloverWarning', drum: 'reverse', satellites: 7 } })],
    },
  ]);
});

test.each<[string, FrameParts, object]>([
  ['a heartbeat', { id: 2, body: [] }, { id: '0002', name: 'heartbeat', body: '' }],
  ['nobody knows', { id: 0xe123, body: [1] }, { id: 'e123', name: null, body: '01' }],
  [
    'an answer',
    { id: 1, body: [0, 5, 0x82, 1, 0] },
    { name: 'terminalAck', answers: 5, answeredId: '8201', result: 0 },
  ],
  ['a login', { id: 0x102, body: ascii('abc') }, { name: 'authentication', code: 'abc' }],
  ['a card out', { id: 0x702, body: [2, 0, 0, 0, 0, 0, 0] }, { name: 'driverCard', card: 'out', time: null }],
  ['a broken one', { body: [1] }, { id: '0200', refused: 'body-too-short' }],
  [
    'a part',
    { id: 0x704, part: { total: 2, index: 1 }, body: [] },
    { waitsForParts: true, part: { total: 2, index: 1 } },
  ],
])('%s', (_what, parts, expected) => expect(told(parts)).toMatchObject([{ ...head, ...expected }]));

test('a part that came before', () => {
  const decoder = new Jt808Decoder();
  const bytes = frame({ id: 0x704, part: { total: 2, index: 1 }, body: [] });
  decoder.decode(bytes);
  expect(decoder.decode(bytes).map(frameJson)).toMatchObject([{ repeatedPart: true, part: { total: 2, index: 1 } }]);
});

test.each<[string, readonly number[] | undefined]>([
  ['7E02', [0x7e, 2]],
  [' 7e 02 ', [0x7e, 2]],
  ['0x7E,0x02', [0x7e, 2]],
  ['7e:02', [0x7e, 2]],
  ['7e0', undefined],
  ['7g', undefined],
  ['', undefined],
  ['# 7e02', undefined],
])('hex %j', (text, bytes) => expect(bytesOfHex(text)).toEqual(bytes && Uint8Array.from(bytes)));

test('bytes and ids as hex', () => {
  expect(hexOf(Uint8Array.of(0, 0x7e, 255))).toBe('007eff');
  expect(idText(2)).toBe('0002');
});
