import { isPlainText } from '../field-reader.ts';
import { driverIdLengthMax } from '../fix-json.ts';
import { ByteReader } from './byte-reader.ts';

/** 0x0702 驾驶员身份信息: a driver's card was put in or taken out. */
export type DriverCard = {
  /** 1: on duty; 2: off duty. */
  readonly status: 'in' | 'out';
  /** Undefined: the time is no moment. */
  readonly atMs: number | undefined;
  /** Of a card put in: 0 read, 1 key refused, 2 locked, 3 taken out, 4 wrong checksum. */
  readonly readResult?: number;
  readonly driver?: Driver;
};

export type Driver = {
  readonly name: string;
  /** 从业资格证编码: what tells drivers apart. */
  readonly licence: string;
  readonly issuer: string;
  /** YYYYMMDD; not in 2011. */
  readonly expires?: string;
  /** 2011, 2019, and vendors between them: 身份证号. */
  readonly idNumber?: string;
};

/** Undefined: another layout. */
export function readDriverCard(body: Uint8Array): DriverCard | undefined {
  const reader = new ByteReader(body);
  const status = reader.u8();
  const atMs = reader.time();
  // No name is so short that its length could be taken for a status.
  if (status !== 1 && status !== 2) return readDriverOf2011(body);
  if (reader.isShort) return undefined;
  // What follows has a meaning for a card put in alone; some terminals fill it up for the other too.
  if (status === 2) return { status: 'out', atMs };
  if (reader.left === 0) return { status: 'in', atMs };
  const readResult = reader.u8();
  const driver = readResult === 0 ? readDriver(reader) : undefined;
  return { status: 'in', atMs, readResult, ...(driver && { driver }) };
}

/** What tells a driver from others, for the fixes: the licence, else the identity card, else the name. */
export function driverIdOf({ licence, idNumber, name }: Driver): string | undefined {
  return [licence, idNumber, name].find((one) => one !== undefined && isPlainText(one, driverIdLengthMax));
}

/**
 * JT/T 808-2011: who drives, without a time or a word of who does not any more. It has nothing that marks it, so its lengths must
 * come out even.
 */
function readDriverOf2011(body: Uint8Array): DriverCard | undefined {
  const reader = new ByteReader(body);
  const name = reader.text(reader.u8());
  const idNumber = reader.text(20);
  const licence = reader.text(40);
  const issuer = reader.text(reader.u8());
  if (reader.isShort || reader.left > 0 || name === '') return undefined;
  return { status: 'in', atMs: undefined, driver: { name, licence, issuer, idNumber } };
}

function readDriver(reader: ByteReader): Driver | undefined {
  const name = reader.text(reader.u8());
  const licence = reader.text(20);
  const issuer = reader.text(reader.u8());
  const expires = reader.digits(4);
  if (reader.isShort) return undefined;
  const idNumber = reader.left >= 20 ? reader.text(20) : undefined;
  return { name, licence, issuer, expires, ...(idNumber !== undefined && { idNumber }) };
}
