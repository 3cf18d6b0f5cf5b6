import { vehicleClasses, type Vehicle } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeVehicle, encodeVehicle } from './fleet-json.ts';
import { encodeUtf8 } from './utf8.ts';

const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.trim() !== '');
const vehicle: fc.Arbitrary<Vehicle> = fc.record(
  {
    id,
    number: fc.integer({ min: 1, max: 0xffff_ffff }),
    class: fc.constantFrom(...vehicleClasses),
    plate: id,
    company: id,
    district: id,
    aliases: fc.array(id, { maxLength: 4 }),
    retired: fc.boolean(),
  },
  { requiredKeys: ['id', 'number', 'class'] },
);

describe('decodeVehicle', () => {
  test('gives back what was encoded', () => {
    fc.assert(
      fc.property(vehicle, (it) => {
        expect(decodeVehicle(encodeUtf8(encodeVehicle(it)))).toEqual(it);
      }),
    );
  });

  test.each([
    ['nothing', '', 'empty-record'],
    ['broken JSON', '{"id":', 'json-broken'],
    ['no id', '{"number":1,"class":"heavy"}', 'field-missing'],
    ['an id of blanks', '{"id":" ","number":1,"class":"heavy"}', 'field-range'],
    ['number 0', '{"id":"a","number":0,"class":"heavy"}', 'field-range'],
    ['a number with a fraction', '{"id":"a","number":1.5,"class":"heavy"}', 'field-range'],
    ['an unknown class', '{"id":"a","number":1,"class":"tank"}', 'field-range'],
    ['aliases that are no list', '{"id":"a","number":1,"class":"heavy","aliases":"b"}', 'field-type'],
    ['an alias that is no text', '{"id":"a","number":1,"class":"heavy","aliases":[7]}', 'field-type'],
  ])('refuses %s', (_name, text, reason) => {
    expect(decodeVehicle(encodeUtf8(text))).toMatchObject({ reason });
  });
});
