import { epochReader, type TimeReader } from './read-time.ts';

/** Turns the text of a cell, trimmed and not empty, into what JSON v1 has there. What it cannot read it hands on as the text: the codec's check names it. */
export type CellReader = (text: string) => unknown;

/** A field of a fix as `--columns` names it. */
export type CsvField = {
  /** The field of JSON v1. */
  readonly target: string;
  /** Units by name, the first is the default. A file's unit is written after the field's name: `speed:mps=…`. */
  readonly units: Readonly<Record<string, (time: TimeReader) => CellReader>>;
  /** Names under which files have it, most telling first, each with its unit; compared without case, `_`, `-` and blanks. */
  readonly aliases: readonly (readonly [name: string, unit?: string])[];
};

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexNumber = /^0[xX][0-9a-fA-F]+$/;

const text: CellReader = (cell) => cell;
const numeric: CellReader = (cell) => (plainNumber.test(cell) ? Number(cell) : cell);
const flagWord: CellReader = (cell) => (plainNumber.test(cell) || hexNumber.test(cell) ? Number(cell) : cell);

/** NMEA's letters too: A is a valid position, V one to be warned of. */
const yes = new Set(['true', 'yes', 'y', '1', 'a']);
const no = new Set(['false', 'no', 'n', '0', 'v']);
function truth(cell: string): unknown {
  const word = cell.toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : cell;
}

/** Speeds are kept to 0.1 km/h: what multiplication leaves behind it is noise. */
function speed(kphPerUnit: number): CellReader {
  return (cell) => (plainNumber.test(cell) ? Math.round(Number(cell) * kphPerUnit * 10) / 10 : cell);
}

function time(read: TimeReader): CellReader {
  return (cell) => read(cell) ?? cell;
}

const always = (reader: CellReader) => () => reader;
const times: CsvField['units'] = {
  local: time,
  'epoch-s': always(time(epochReader(1_000))),
  'epoch-ms': always(time(epochReader(1))),
};

const csvFields = {
  vehicleId: {
    target: 'vehicleId',
    units: { text: always(text) },
    aliases: [
      ['vehicleid'],
      ['vehicle'],
      ['deviceid'],
      ['device'],
      ['uniqueid'],
      ['imei'],
      ['terminalid'],
      ['trackerid'],
      ['tracker'],
    ],
  },
  fixedAt: {
    target: 'fixedAtMs',
    units: times,
    aliases: [
      ['fixedatms', 'epoch-ms'],
      ['fixedat'],
      ['fixtime'],
      ['gpstime'],
      ['devicetime'],
      ['timestamp'],
      ['datetime'],
      ['time'],
      ['t'],
    ],
  },
  receivedAt: {
    target: 'receivedAtMs',
    units: times,
    aliases: [['receivedatms', 'epoch-ms'], ['receivedat'], ['servertime']],
  },
  lon: {
    target: 'lonDeg',
    units: { deg: always(numeric) },
    aliases: [['londeg'], ['longitude'], ['lon'], ['lng'], ['long'], ['x']],
  },
  lat: { target: 'latDeg', units: { deg: always(numeric) }, aliases: [['latdeg'], ['latitude'], ['lat'], ['y']] },
  speed: {
    target: 'speedKph',
    // 3.6 km/h are 1 m/s; a knot is 1,852 m an hour; a statute mile 1,609.344 m: all exact.
    units: { kph: always(numeric), mps: always(speed(3.6)), knots: always(speed(1.852)), mph: always(speed(1.609344)) },
    aliases: [['speedkph'], ['speedkmh'], ['speedmps', 'mps'], ['speedknots', 'knots'], ['speedmph', 'mph'], ['speed']],
  },
  heading: {
    target: 'headingDeg',
    units: { deg: always(numeric) },
    aliases: [['headingdeg'], ['heading'], ['bearing'], ['course'], ['azimuth']],
  },
  altitude: { target: 'altitudeM', units: { m: always(numeric) }, aliases: [['altitudem']] },
  accuracy: { target: 'accuracyM', units: { m: always(numeric) }, aliases: [['accuracym'], ['accuracy']] },
  mileage: { target: 'mileageKm', units: { km: always(numeric) }, aliases: [['mileagekm'], ['odometerkm']] },
  valid: { target: 'valid', units: { truth: always(truth) }, aliases: [['valid']] },
  blindZone: { target: 'blindZone', units: { truth: always(truth) }, aliases: [['blindzone']] },
  alarmFlags: { target: 'alarmFlags', units: { word: always(flagWord) }, aliases: [['alarmflags']] },
  statusFlags: { target: 'statusFlags', units: { word: always(flagWord) }, aliases: [['statusflags']] },
  driverId: { target: 'driverId', units: { text: always(text) }, aliases: [['driverid']] },
} as const satisfies Readonly<Record<string, CsvField>>;

/** What a file with a header line has: its fields by name, and which of them a row says nothing without. */
export type FieldTable = {
  readonly fields: Readonly<Record<string, CsvField>>;
  readonly required: readonly string[];
  /** For messages. */
  readonly example: string;
};

export const fixTable: FieldTable = {
  fields: csvFields,
  required: ['vehicleId', 'fixedAt', 'lon', 'lat'],
  example: '--columns vehicleId=bus,fixedAt=time,lon=x,lat=y,speed:mps=v',
};

/** Frames of JT/T 808 in hex. Only what is named is read: a column "device" may well be something else than the vehicle. */
export const frameTable: FieldTable = {
  fields: {
    frame: { target: 'frame', units: { hex: always(text) }, aliases: [] },
    vehicleId: { ...csvFields.vehicleId, aliases: [] },
    receivedAt: { ...csvFields.receivedAt, aliases: [] },
  },
  required: ['frame'],
  example: '--columns frame=hex,receivedAt=time',
};
