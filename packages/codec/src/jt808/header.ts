import { ByteReader } from './byte-reader.ts';

/**
 * The edition that a message was written by. 2011 and 2013 have the same header and mostly the same bodies: 2013 stands
 * for both wherever nothing tells them apart.
 */
export type Edition = 2011 | 2013 | 2019;

export type Header = {
  readonly id: number;
  readonly edition: Edition;
  /** Of this frame's body, before it is put together with others. */
  readonly bodyLength: number;
  /** 2019: 1, and one more with each revision to come. */
  readonly protocolVersion?: number;
  /** Bits 10-12: 0 plain, 1 RSA, others reserved. */
  readonly encryption: number;
  /** Digits as sent: 12, or 20 in 2019. */
  readonly phone: string;
  readonly serial: number;
  /** Bit 13: this is one of some parts. */
  readonly part?: { readonly total: number; readonly index: number };
  readonly size: number;
};

export const headerSizeMin = 12;
const bodyLengthMask = 0x03ff;
const partBit = 0x2000;
const editionBit = 0x4000;

/**
 * The header at the start of a frame's content, its checksum left out (§4.4.3); undefined where it is cut off. Some
 * terminals set the bit of 2019, which was a reserved one, before a header of 2013: that one is read where the length
 * fits it and does not fit the other.
 */
export function readHeader(content: Uint8Array): Header | undefined {
  const newer = readLayout(content, true);
  if (newer?.edition === 2013 || (newer !== undefined && fits(newer, content))) return newer;
  const older = readLayout(content, false);
  return older !== undefined && fits(older, content) ? older : newer;
}

function fits({ size, bodyLength }: Header, content: Uint8Array): boolean {
  return size + bodyLength === content.length;
}

function readLayout(content: Uint8Array, knows2019: boolean): Header | undefined {
  const reader = new ByteReader(content);
  const id = reader.u16();
  const attributes = reader.u16();
  const is2019 = knows2019 && (attributes & editionBit) !== 0;
  const protocolVersion = is2019 ? reader.u8() : undefined;
  const phone = reader.digits(is2019 ? 10 : 6);
  const serial = reader.u16();
  const part = (attributes & partBit) === 0 ? undefined : { total: reader.u16(), index: reader.u16() };
  if (reader.isShort) return undefined;
  return {
    id,
    edition: is2019 ? 2019 : 2013,
    bodyLength: attributes & bodyLengthMask,
    encryption: (attributes >>> 10) & 7,
    phone,
    serial,
    ...(protocolVersion !== undefined && { protocolVersion }),
    ...(part && { part }),
    size: reader.at,
  };
}

/** The vehicle's id where nobody says otherwise: the terminal's number without the zeros that fill it up. */
export function phoneId(phone: string): string {
  return phone.replace(/^0+(?=.)/, '');
}
