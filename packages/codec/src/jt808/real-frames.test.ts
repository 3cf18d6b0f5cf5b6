import { expect, test } from 'vitest';
import { hex } from './_terminal.ts';
import { Jt808Decoder } from './decoder.ts';
import { frameJson } from './frame-json.ts';

/**
 * Frames of devices on the road, from Traccar's tests of its JT/T 808 decoder (github.com/traccar/traccar,
 * Jt808ProtocolDecoderTest.java, Apache License 2.0), and what they say when they are read by hand.
 */
test.each<[string, string, object]>([
  [
    'south of the equator, with the raw sleep word',
    '7e0200002c00160128561400030000000000040007005de13c065c6cdb00160000000017011710054201040000a9002a02000030011b310104e47e',
    {
      phone: '001601285614',
      location: { time: '2017-01-17T10:05:42+08:00', status: ['accOn', 'positioned', 'south', 'gps'] },
      fixes: [{ lonDeg: 106.720475, latDeg: -6.152508, speedKph: 0, altitudeM: 22, mileageKm: 4326.4 }],
    },
  ],
  [
    'south-west',
    '7e020000220014012499170007000000000000400e012af16f02cbd2ba000000000000150101194257010400000077a97e',
    { fixes: [{ lonDeg: -46.912186, latDeg: -19.591535, headingDeg: 0, mileageKm: 11.9 }] },
  ],
  [
    'an emergency button, and an item that nobody knows before its end',
    '7e0200002e094027587492000a000000010000000a03083db7001329f3000000140000130412164952010400000012360a0002341502cb0c20085c107e',
    {
      location: {
        alarms: ['sos'],
        items: [
          { name: 'mileageKm', value: 1.8 },
          { id: '36', unread: 'unknown', hex: '0002341502cb0c20085c' },
        ],
      },
      fixes: [{ alarmFlags: 1, lonDeg: -1.255923, latDeg: 50.871735, speedKph: 2 }],
    },
  ],
  [
    "a vendor's charge under the id of the compartment's temperature",
    '7e0200001f01207646327900400000000000006002015c7ab706d20469003b0000000025040216362606013e6b7e',
    {
      location: { items: [{ id: '06', unread: 'length', hex: '3e' }] },
      fixes: [{ lonDeg: 114.426985, latDeg: 22.837943, altitudeM: 59 }],
    },
  ],
  [
    'zeros and what is no item after the location',
    '7e0200002e202000129707001c0000000000001c0601a2f0a8091f0bf00000000000ed201103031733000000000000000000780000000018000000267e',
    { fixes: [{ lonDeg: 153.029616, latDeg: -27.455656, headingDeg: 237 }] },
  ],
  [
    'the header of 2019, and a batch',
    '7e0704402d0100000866496077582164881d0001000028000000000000000701a00192091f2a4700160000000226050916422701040000258230010031010e507e',
    {
      edition: 2019,
      phone: '00000866496077582164',
      blindZone: false,
      fixes: [{ lonDeg: 153.037383, latDeg: -27.263378, mileageKm: 960.2, sensors: { satellites: 14 } }],
    },
  ],
  [
    "a card without a driver's name",
    '7e0702002201827061151401bc012510091507510000303032396238383500000000000000000000000000000000002b7e',
    { card: 'in', time: '2025-10-09T15:07:51+08:00', driver: { name: '', licence: '0029b885' } },
  ],
])('%s', (_what, text, expected) => {
  const frames = new Jt808Decoder().decode(hex(text));
  expect(frames.map(frameJson)).toMatchObject([expected]);
});
