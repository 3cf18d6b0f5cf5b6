import type { VendorReading } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { item, location } from './_terminal.ts';
import { readLocation, type Location } from './location.ts';
import { profilesOf, vendorSensors } from './vendor-readings.ts';

function sensors(reading: VendorReading, items: readonly number[], statusFlags = 3): object {
  const found = readLocation(Uint8Array.from(location({ items, statusFlags })), 2013) as Location;
  return vendorSensors([{ name: 'test', readings: [reading] }], found);
}

const cover: VendorReading = {
  from: 0xe5,
  at: 1,
  bytes: 1,
  bit: 2,
  signal: 'cover',
  states: { 0: 'closed', 1: 'open' },
};
const probe: VendorReading = {
  from: 0x51,
  bytes: 2,
  sensor: 'cargoTemperatureC',
  sign: 'two',
  scale: 0.1,
  min: -55,
  max: 125,
};

describe('a reading', () => {
  test.each<[string, VendorReading, readonly number[], object]>([
    ['one bit of one byte', cover, item(0xe5, 0, 0b100, 0), { cover: 'open' }],
    ['the bit that is not set', cover, item(0xe5, 255, 0b1011), { cover: 'closed' }],
    ['an item that is too short', cover, item(0xe5, 0), {}],
    ['no item', cover, item(0xe6, 0, 4), {}],
    ['an item that is cut off', cover, item(0xe5, 0, 4, 0).slice(0, -1), {}],
    ['the last of two items', cover, [...item(0xe5, 0, 4), ...item(0xe5, 0, 0)], { cover: 'closed' }],
    [
      'two bits',
      { from: 0xe5, bit: 6, bits: 2, signal: 'lift', states: { 2: 'raised' } },
      item(0xe5, 0x80),
      { lift: 'raised' },
    ],
    ['a number without a state', { from: 0xe5, signal: 'lift', states: { 1: 'flat' } }, item(0xe5, 9), {}],
    ['a state that is none', { from: 0xe5, signal: 'lift', states: { 1: 'upright' } }, item(0xe5, 1), {}],
    [
      'a known item',
      { from: 0x2b, at: 2, bytes: 2, sensor: 'cargoPressureKpa', scale: 0.5, plus: -100 },
      item(0x2b, 0, 0, 1, 0),
      { cargoPressureKpa: 28 },
    ],
    ['a temperature', probe, item(0x51, 1, 0x34, 4, 0xf6), { cargoTemperatureC: 30.8 }],
    ['below zero', probe, item(0x51, 0xff, 0x4c), { cargoTemperatureC: -18 }],
    ['no probe', probe, item(0x51, 4, 0xf6), {}],
    ['a sign in the top bit', { ...probe, sign: 'top-bit' }, item(0x51, 0x80, 0xb4), { cargoTemperatureC: -18 }],
    ['more than four bytes', { from: 0xe5, sensor: 'x' }, item(0xe5, 1, 2, 3, 4, 5), {}],
    ['four of them', { from: 0xe5, sensor: 'x' }, item(0xe5, 255, 255, 255, 255), { x: 0xffff_ffff }],
  ])('%s', (_what, reading, items, expected) => expect(sensors(reading, items)).toEqual(expected));

  test('of the status word', () => {
    const door: VendorReading = { from: 'status', bit: 17, signal: 'cover', states: { 0: 'closed', 1: 'open' } };
    expect(sensors(door, [], 3 | (1 << 17))).toEqual({ cover: 'open' });
    expect(sensors(door, [], 3)).toEqual({ cover: 'closed' });
  });

  test('of a list inside an item', () => {
    const drum: VendorReading = {
      from: 0xee,
      sub: { id: 0x3001, idBytes: 2, lengthBytes: 1 },
      signal: 'drum',
      states: { 0: 'stopped', 1: 'forward', 2: 'reverse' },
    };
    expect(sensors(drum, item(0xee, 0x30, 0, 2, 9, 9, 0x30, 1, 1, 2))).toEqual({ drum: 'reverse' });
    expect(sensors(drum, item(0xee, 0x30, 0, 2, 9, 9))).toEqual({});
    expect(sensors(drum, item(0xee, 0x30, 1, 3, 2))).toEqual({});
    expect(sensors(drum, item(0xee, 0x30))).toEqual({});
  });
});

test('a profile is for the terminals that it names', () => {
  const mapping = [
    { name: 'all' },
    { name: 'phone', terminals: { phones: ['138'] } },
    { name: 'model', terminals: { makers: ['MK'], models: ['A', 'B'] } },
  ];
  const names = (phone: string, registration?: { maker: string; model: string }): string[] =>
    profilesOf(mapping, phone, registration).map(({ name }) => name);
  expect(names('138')).toEqual(['all', 'phone']);
  expect(names('139', { maker: 'MK', model: 'B' })).toEqual(['all', 'model']);
  expect(names('139', { maker: 'XY', model: 'B' })).toEqual(['all']);
});
