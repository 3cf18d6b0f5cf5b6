import { ByteReader } from './byte-reader.ts';
import type { Edition } from './header.ts';

/** 0x0100 终端注册. */
export type Registration = {
  /** By the layout: here alone 2011 and 2013 can be told apart. */
  readonly edition: Edition;
  readonly province: number;
  readonly city: number;
  readonly maker: string;
  readonly model: string;
  readonly terminalId: string;
  /** JT/T 415, in 2019 JT/T 697.7; 0: no plate, and `plate` is the chassis number. */
  readonly plateColour: number;
  readonly plate: string;
};

type Layout = { readonly maker: number; readonly model: number; readonly terminalId: number };

const layouts: Readonly<Record<Edition, Layout>> = {
  2011: { maker: 5, model: 8, terminalId: 7 },
  2013: { maker: 5, model: 20, terminalId: 7 },
  2019: { maker: 11, model: 30, terminalId: 30 },
};

/** Province, city and plate colour. */
const otherBytes = 5;

/** Undefined: shorter than any layout. A plate is at most 9 bytes of GBK, so 2011 never reaches the length of 2013. */
export function readRegistration(body: Uint8Array, told: Edition): Registration | undefined {
  const edition = told === 2019 ? 2019 : body.length < bytesMin(2013) ? 2011 : 2013;
  if (body.length < bytesMin(edition)) return undefined;
  const { maker, model, terminalId } = layouts[edition];
  const reader = new ByteReader(body);
  return {
    edition,
    province: reader.u16(),
    city: reader.u16(),
    maker: reader.text(maker),
    model: reader.text(model),
    terminalId: reader.text(terminalId),
    plateColour: reader.u8(),
    plate: reader.text(reader.left),
  };
}

function bytesMin(edition: Edition): number {
  const { maker, model, terminalId } = layouts[edition];
  return otherBytes + maker + model + terminalId;
}

/** 0x0102 终端鉴权. */
export type Authentication = { readonly code: string; readonly imei?: string; readonly softwareVersion?: string };

export function readAuthentication(body: Uint8Array, edition: Edition): Authentication | undefined {
  const reader = new ByteReader(body);
  if (edition !== 2019) return { code: reader.text(reader.left) };
  const code = reader.text(reader.u8());
  const imei = reader.text(15);
  const softwareVersion = reader.text(20);
  return reader.isShort ? undefined : { code, imei, softwareVersion };
}
