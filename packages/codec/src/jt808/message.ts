import { ByteReader } from './byte-reader.ts';
import type { Edition, Header } from './header.ts';
import { messageNames } from './known-messages.ts';
import { locationBytesMin, readLocation, type BrokenLocation, type Location } from './location.ts';
import { readRegistration, readAuthentication, type Authentication, type Registration } from './registration.ts';
import { readDriverCard, type DriverCard } from './driver-card.ts';
import { refusal } from './refusal.ts';

/** What a message says. A body that does not hold what its id promises is `other`, with its bytes. */
export type Message =
  /** 0x0200, and 0x0201 and 0x0500 with the serial of the query or the control that they answer. */
  | { readonly kind: 'location'; readonly location: Location; readonly answers?: number }
  | LocationBatch
  /** A location that is not taken, and whose emergency button is heard all the same. */
  | ({ readonly kind: 'broken' } & BrokenLocation)
  | ({ readonly kind: 'driver' } & DriverCard)
  | ({ readonly kind: 'registration' } & Registration)
  | ({ readonly kind: 'authentication' } & Authentication)
  | { readonly kind: 'ack'; readonly answers: number; readonly answeredId: number; readonly result: number }
  /** A known message that carries no position. */
  | { readonly kind: 'other'; readonly body: Uint8Array }
  | { readonly kind: 'unknown'; readonly body: Uint8Array };

/** 0x0704. Each location of it stands for itself. */
type LocationBatch = {
  readonly kind: 'batch';
  /** Type 1: from a blind zone (盲区补报). */
  readonly isBlindZone: boolean;
  readonly locations: readonly (Location | BrokenLocation)[];
};

/**
 * `edition`: the header's, or 2011 where the terminal's registration has told it. `vendorItems`: ids of the items that the
 * terminal's vendor mapping reads.
 */
export function readMessage(
  header: Header,
  body: Uint8Array,
  edition: Edition,
  vendorItems?: ReadonlySet<number>,
): Message | BrokenLocation {
  const other: Message = { kind: 'other', body };
  switch (header.id) {
    case 0x0001:
      return readAck(body) ?? other;
    case 0x0100: {
      const registration = readRegistration(body, edition);
      return registration === undefined ? other : { kind: 'registration', ...registration };
    }
    case 0x0102: {
      const authentication = readAuthentication(body, edition);
      return authentication === undefined ? other : { kind: 'authentication', ...authentication };
    }
    case 0x0200: {
      const location = readLocation(body, edition, vendorItems);
      return 'reason' in location ? location : { kind: 'location', location };
    }
    case 0x0201:
    case 0x0500: {
      const location = readLocation(body.subarray(2), edition, vendorItems);
      return 'reason' in location ? location : { kind: 'location', location, answers: new ByteReader(body).u16() };
    }
    case 0x0702: {
      const card = readDriverCard(body);
      return card === undefined ? other : { kind: 'driver', ...card };
    }
    case 0x0704:
      return readBatch(body, edition, vendorItems);
    default:
      return { kind: messageNames[header.id] === undefined ? 'unknown' : 'other', body };
  }
}

/**
 * Messages with positions are the ones whose parts are worth keeping until all are there. The reports of events, questions and
 * infos (0x0301 to 0x0303) have none; a photo (0x0801) has the one of its moment, which the reports around it tell too.
 */
export function hasPosition(id: number): boolean {
  return id === 0x0200 || id === 0x0201 || id === 0x0500 || id === 0x0704;
}

/** Count and type; the length before each location. */
const batchHeadBytes = 3;
const lengthBytes = 2;

function readAck(body: Uint8Array): Message | undefined {
  const reader = new ByteReader(body);
  const message: Message = { kind: 'ack', answers: reader.u16(), answeredId: reader.u16(), result: reader.u8() };
  return reader.isShort ? undefined : message;
}

/**
 * The locations of a batch, each after its length. More of them than the batch tells of are read too: each has a time of
 * its own and stands for itself. Those that are missing are one broken location together.
 */
function readBatch(body: Uint8Array, edition: Edition, vendorItems?: ReadonlySet<number>): LocationBatch {
  const reader = new ByteReader(body);
  const count = reader.u16();
  const isBlindZone = reader.u8() === 1;
  const locations: (Location | BrokenLocation)[] = [];
  while (locations.length < count ? reader.left > 0 : reader.left >= lengthBytes + locationBytesMin) {
    // One that is cut off at the end is read as far as it goes: its flags and its place come first.
    locations.push(readLocation(reader.take(reader.u16()), edition, vendorItems));
  }
  const missing = count - locations.length;
  if (missing > 0 || reader.at < batchHeadBytes) {
    const detail = `${missing} of the ${count} locations that the batch tells of are missing`;
    locations.push(refusal('body-too-short', detail));
  }
  return { kind: 'batch', isBlindZone, locations };
}
