import { describe, expect, test } from 'vitest';
import { UsageError } from '../cli-error.ts';
import { bindColumns, parseColumns, valueOfRow } from './csv-columns.ts';
import { timeReader } from './read-time.ts';

const time = timeReader('Asia/Shanghai');

describe('--columns', () => {
  test.each([
    ['', []],
    ['lon=X', [{ field: 'lon', column: 'X' }]],
    [
      ' lon = X , lat=Y,',
      [
        { field: 'lon', column: 'X' },
        { field: 'lat', column: 'Y' },
      ],
    ],
    ["vehicleId='truck, 1'", [{ field: 'vehicleId', constant: 'truck, 1' }]],
    ['lon="X, east"', [{ field: 'lon', column: 'X, east' }]],
    ['speed:mps=v', [{ field: 'speed', unit: 'mps', column: 'v' }]],
    ['fixedAt:epoch-s=Unix time', [{ field: 'fixedAt', unit: 'epoch-s', column: 'Unix time' }]],
    ['speed=', [{ field: 'speed', column: '' }]],
  ])('%j', (argument, expected) => expect(parseColumns(argument)).toEqual(expected));

  test.each([
    ['colour=X', '"colour" is not a field'],
    ['speed:furlongs=X', 'speed has no unit "furlongs"; it has kph, mps, knots, mph'],
    ['lon=X,lon=Y', 'lon is named twice'],
    ['lon', 'cannot read "lon"'],
    ["vehicleId='open", 'cannot read'],
  ])('%j is refused', (argument, message) => {
    expect(() => parseColumns(argument)).toThrow(UsageError);
    expect(() => parseColumns(argument)).toThrow(message);
  });
});

describe('finding columns in a header', () => {
  const found = (header: string, columns = '') =>
    bindColumns(header.split(','), parseColumns(columns), time).map(({ told }) => told);

  test.each([
    [
      'vehicleId,fixedAtMs,lonDeg,latDeg,speedKph',
      ['vehicleId = vehicleId', 'fixedAt:epoch-ms = fixedAtMs', 'lon = lonDeg', 'lat = latDeg', 'speed = speedKph'],
    ],
    ['id,Vehicle_ID,Time Stamp,X,Y', ['vehicleId = Vehicle_ID', 'fixedAt = Time Stamp', 'lon = X', 'lat = Y']],
    [
      'device,t,lng,lat,speed_knots,Course',
      ['vehicleId = device', 'fixedAt = t', 'lon = lng', 'lat = lat', 'speed:knots = speed_knots', 'heading = Course'],
    ],
  ])('%s', (header, expected) => expect(found(header)).toEqual(expected));

  test('what is chosen goes before the usual names, and a field can be left out', () => {
    expect(found('vehicleId,time,sent,lon,lat,speed', "vehicleId='a',fixedAt=sent,speed=")).toEqual([
      "vehicleId = 'a'",
      'fixedAt = sent',
      'lon = lon',
      'lat = lat',
    ]);
  });

  test.each([
    ['a,b,lon,lat', '', 'no column found for vehicleId, fixedAt; the file has "a", "b", "lon", "lat"'],
    ['vehicleId,time,lon,lat', 'speed=v', 'the file has no column "v"'],
  ])('%s %s', (header, columns, message) => expect(() => found(header, columns)).toThrow(message));
});

describe('the value of a row', () => {
  const header = ['v', 't', 'x', 'y', 's', 'a', 'f', 'd'];
  const value = (cells: string, columns: string) =>
    valueOfRow(
      cells.split(';'),
      bindColumns(header, parseColumns(`vehicleId=v,fixedAt=t,lon=x,lat=y,${columns}`), time),
    );
  const placed = { vehicleId: 'a', fixedAtMs: 1_769_414_244_000, lonDeg: 121.4, latDeg: 31.2 };

  test.each([
    ['plain', ' a ;2026-01-26 15:57:24; 121.4 ;31.2', '', placed],
    ['km/h as they are', 'a;2026-01-26 15:57:24;121.4;31.2;60.25', 'speed=s', { ...placed, speedKph: 60.25 }],
    ['m/s', 'a;2026-01-26 15:57:24;121.4;31.2;10', 'speed:mps=s', { ...placed, speedKph: 36 }],
    ['knots', 'a;2026-01-26 15:57:24;121.4;31.2;26.99785', 'speed:knots=s', { ...placed, speedKph: 50 }],
    ['mph', 'a;2026-01-26 15:57:24;121.4;31.2;50', 'speed:mph=s', { ...placed, speedKph: 80.5 }],
    ['no speed', 'a;2026-01-26 15:57:24;121.4;31.2;', 'speed=s', placed],
    ['flags in hexadecimal', 'a;2026-01-26 15:57:24;121.4;31.2;;;0x1', 'alarmFlags=f', { ...placed, alarmFlags: 1 }],
    ['NMEA void', 'a;2026-01-26 15:57:24;121.4;31.2;;;;V', 'valid=d', { ...placed, valid: false }],
  ])('%s', (_what, cells, columns, expected) => expect(value(cells, columns)).toEqual(expected));

  test('what cannot be read stays text, for the check of fixes to name', () => {
    expect(value('a;soon;NaN;31,2;fast;-;-;perhaps', 'speed:mps=s,accuracy=a,alarmFlags=f,valid=d')).toEqual({
      vehicleId: 'a',
      fixedAtMs: 'soon',
      lonDeg: 'NaN',
      latDeg: '31,2',
      speedKph: 'fast',
      accuracyM: '-',
      alarmFlags: '-',
      valid: 'perhaps',
    });
  });
});
